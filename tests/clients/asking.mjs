// What every client of npm is made to do, and where the counter is.
export const url = process.env.COUNTER_URL
export const socketUrl = url.replace('http', 'ws')
export const token = process.env.COUNTER_TOKEN
export const headers = { authorization: `Bearer ${token}`, 'x-mesa-client': 'tests' }

export const QUERY = 'query Mine($first: Int!) { tramites(first: $first) { edges { node { subject } } } }'
export const MUTATION = `mutation File($input: FileTramiteInput!) { fileTramite(input: $input) {
    __typename ... on FileTramiteSuccess { tramite { attachments { name sha256 } } } } }`
export const SUBSCRIPTION = 'subscription Changes($after: ID) { statusChanges(after: $after) { act } }'

export const input = () => ({
  clientKey: crypto.randomUUID(), officeCode: 'SEDE-CENTRAL', documentKind: 'APPLICATION',
  subject: 'Solicitud de otro cliente', folios: 1, acceptedPrivacyPolicy: '2026-1',
  mainUpload: new File([process.env.DOCUMENT], 'solicitud ñandú.pdf', { type: 'application/pdf' }),
})

export const subjects = (data) => data.tramites.edges.map(({ node }) => node.subject)
export const attachments = (data) => data.fileTramite.tramite.attachments

// The first event since the beginning, which is there before anybody subscribes.
export const first = (subscribe, variables = { after: '0' }) => new Promise((resolve, reject) => {
  const stop = subscribe({ query: SUBSCRIPTION, variables }, {
    next: ({ data, errors }) => { errors ? reject(errors) : resolve(data.statusChanges.act); stop?.() },
    error: reject,
    complete: () => reject(new Error('no event')),
  })
})

export const once = (subscribe, query, variables) => new Promise((resolve, reject) => {
  let found
  subscribe({ query, variables }, {
    next: (result) => { found = result }, error: reject, complete: () => resolve(found.data),
  })
})

export const tell = (told) => { console.log(JSON.stringify(told)); process.exit(0) }
