import { ApolloClient, InMemoryCache, gql, split } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { getMainDefinition } from '@apollo/client/utilities'
import UploadHttpLink from 'apollo-upload-client/UploadHttpLink.mjs'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { MUTATION, QUERY, SUBSCRIPTION, attachments, headers, input, socketUrl, subjects, tell, url } from './asking.mjs'

const sockets = new GraphQLWsLink(createClient({
  url: socketUrl, webSocketImpl: WebSocket, connectionParams: { authorization: headers.authorization },
}))
const isSubscription = ({ query }) => getMainDefinition(query).operation === 'subscription'
const client = new ApolloClient({
  link: split(isSubscription, sockets, new UploadHttpLink({ uri: url, headers })), cache: new InMemoryCache(),
})
const { data } = await client.query({ query: gql(QUERY), variables: { first: 5 } })
const filed = await client.mutate({ mutation: gql(MUTATION), variables: { input: input() } })
const event = await new Promise((resolve, reject) => {
  const changes = client.subscribe({ query: gql(SUBSCRIPTION), variables: { after: '0' } })
  changes.subscribe({ next: ({ data, error }) => error ? reject(error) : resolve(data.statusChanges.act), error: reject })
})
tell({ subjects: subjects(data), attachments: attachments(filed.data).map(({ name, sha256 }) => ({ name, sha256 })), event })
