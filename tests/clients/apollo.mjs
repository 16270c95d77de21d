import { ApolloClient, InMemoryCache, gql, split } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { getMainDefinition } from '@apollo/client/utilities'
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import {
  FROM_START, MUTATION, QUERY, SUBSCRIPTION, attachments, firstChange, headers, input, socketUrl, subjects, url,
} from './asking.mjs'

const sockets = new GraphQLWsLink(createClient({
  url: socketUrl, webSocketImpl: WebSocket, connectionParams: { authorization: headers.authorization },
}))
const isSubscription = ({ query }) => getMainDefinition(query).operation === 'subscription'
const client = new ApolloClient({
  link: split(isSubscription, sockets, new UploadHttpLink({ uri: url, headers })), cache: new InMemoryCache(),
})
const { data } = await client.query({ query: gql(QUERY), variables: { first: 5 } })
const filed = await client.mutate({ mutation: gql(MUTATION), variables: { input: input() } })
const changes = client.subscribe({ query: gql(SUBSCRIPTION), variables: FROM_START })
const event = await firstChange((sink) => changes.subscribe(sink))
export const told = { subjects: subjects(data), attachments: attachments(filed.data).map(({ name, sha256 }) => ({ name, sha256 })), event }
