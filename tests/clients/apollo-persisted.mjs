// Persisted queries of Apollo's link: a document that is trusted goes by its hash alone, another is sent along when asked.
import { createHash } from 'node:crypto'
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { QUERY, headers, subjects, url } from './asking.mjs'

const asked = []
const counted = (to, options) => {
  asked.push('query' in JSON.parse(options.body) ? 'text' : 'hash')
  return fetch(to, options)
}
const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const client = new ApolloClient({
  link: new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: url, headers, fetch: counted })),
  cache: new InMemoryCache(),
})
const ask = async (query) => {
  const { data } = await client.query({ query: gql(query), variables: { first: 5 }, fetchPolicy: 'network-only' })
  return { subjects: subjects(data), asked: asked.splice(0) }
}
export const told = { trusted: await ask(QUERY), other: await ask(QUERY.replace('Mine', 'Another')) }
