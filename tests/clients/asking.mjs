// What every client of npm is made to do, and where the counter is.
export const url = process.env.COUNTER_URL
export const socketUrl = url.replace('http', 'ws')
export const token = process.env.COUNTER_TOKEN
export const headers = { authorization: `Bearer ${token}`, 'x-mesa-client': 'tests' }

export const QUERY = 'query Mine($first: Int!) { tramites(first: $first) { edges { node { subject } } } }'
export const MUTATION = `mutation File($input: FileTramiteInput!) { fileTramite(input: $input) {
    __typename ... on FileTramiteSuccess { tramite { attachments { name sha256 } } } } }`
export const SUBSCRIPTION = `subscription Changes($fromStart: Boolean!)
    { statusChanges(fromStart: $fromStart) { change { act } } }`
export const FROM_START = { fromStart: true }

export const input = () => ({
  clientKey: crypto.randomUUID(), officeCode: 'SEDE-CENTRAL', documentKind: 'APPLICATION',
  subject: 'Solicitud de otro cliente', folios: 1, acceptedPrivacyPolicy: '2026-1',
  mainUpload: new File([process.env.DOCUMENT], 'solicitud ñandú.pdf', { type: 'application/pdf' }),
})

export const subjects = (data) => data.tramites.edges.map(({ node }) => node.subject)
export const attachments = (data) => data.fileTramite.tramite.attachments

// What was done first, which was before anybody subscribed. Where the feed begins there is an event without a change.
export const firstChange = (listen) => new Promise((resolve, reject) => {
  const next = ({ data, error, errors }) => {
    if (error ?? errors) reject(error ?? errors)
    else if (data.statusChanges.change) resolve(data.statusChanges.change.act)
  }
  listen({ next, error: reject, complete: () => reject(new Error('no event')) })
})

export const once = (subscribe, query, variables) => new Promise((resolve, reject) => {
  let found
  subscribe({ query, variables }, {
    next: (result) => { found = result }, error: reject, complete: () => resolve(found.data),
  })
})
