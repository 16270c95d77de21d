import { GraphQLClient } from 'graphql-request'
import { QUERY, headers, subjects, url } from './asking.mjs'

const client = new GraphQLClient(url, { headers })
export const told = { subjects: subjects(await client.request(QUERY, { first: 5 })) }
