// All audits of graphql-http: those that do not hold, and how many there are.
import { serverAudits } from 'graphql-http'
import { url } from './asking.mjs'

const results = await Promise.all(serverAudits({ url }).map(({ fn }) => fn()))
export const told = {
  total: results.length,
  failed: results.filter(({ status }) => status !== 'ok').map(({ id, name, reason }) => `${id} ${name}: ${reason}`),
}
