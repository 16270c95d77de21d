import { createClient } from 'graphql-sse'
import { FROM_START, QUERY, SUBSCRIPTION, firstChange, headers, once, subjects, url } from './asking.mjs'

const client = createClient({ url, headers, retryAttempts: 0 })
const subscribe = (...given) => client.subscribe(...given)
const event = await firstChange((sink) => subscribe({ query: SUBSCRIPTION, variables: FROM_START }, sink))
export const told = { event, subjects: subjects(await once(subscribe, QUERY, { first: 5 })) }
