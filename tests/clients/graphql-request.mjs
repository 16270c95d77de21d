import { GraphQLClient } from 'graphql-request'
import { QUERY, headers, subjects, tell, url } from './asking.mjs'

const client = new GraphQLClient(url, { headers })
tell({ subjects: subjects(await client.request(QUERY, { first: 5 })) })
