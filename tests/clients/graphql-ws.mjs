import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { FROM_START, QUERY, SUBSCRIPTION, firstChange, headers, once, socketUrl, subjects } from './asking.mjs'

const client = createClient({
  url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { authorization: headers.authorization },
})
const subscribe = (...given) => client.subscribe(...given)
const event = await firstChange((sink) => subscribe({ query: SUBSCRIPTION, variables: FROM_START }, sink))
export const told = { event, subjects: subjects(await once(subscribe, QUERY, { first: 5 })) }
