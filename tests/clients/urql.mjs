import { createClient, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSockets } from 'graphql-ws'
import WebSocket from 'ws'
import {
  FROM_START, MUTATION, QUERY, SUBSCRIPTION, attachments, firstChange, headers, input, socketUrl, subjects, url,
} from './asking.mjs'

const sockets = createSockets({
  url: socketUrl, webSocketImpl: WebSocket, connectionParams: { authorization: headers.authorization },
})
const forwardSubscription = (request) => ({
  subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ ...request, query: request.query || '' }, sink) }),
})
const client = createClient({
  url, fetchOptions: { headers }, preferGetMethod: 'force',
  exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription })],
})
const asked = await client.query(QUERY, { first: 5 }).toPromise()
if (asked.error) throw asked.error
const filed = await client.mutation(MUTATION, { input: input() }).toPromise()
if (filed.error) throw filed.error
const event = await firstChange(({ next }) => client.subscription(SUBSCRIPTION, FROM_START).subscribe(next))
export const told = { subjects: subjects(asked.data), attachments: attachments(filed.data).map(({ name, sha256 }) => ({ name, sha256 })), event }
