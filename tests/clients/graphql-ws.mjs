import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { QUERY, first, headers, once, socketUrl, subjects, tell } from './asking.mjs'

const client = createClient({
  url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization: headers.authorization },
})
const subscribe = (...given) => client.subscribe(...given)
const told = { event: await first(subscribe) }
if (process.env.WITHOUT_QUERY !== 'yes') told.subjects = subjects(await once(subscribe, QUERY, { first: 5 }))
tell(told)
