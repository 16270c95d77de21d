import { createClient } from 'graphql-sse'
import { QUERY, first, headers, once, subjects, tell, url } from './asking.mjs'

const client = createClient({ url, headers, retryAttempts: 0 })
const subscribe = (...given) => client.subscribe(...given)
tell({ event: await first(subscribe), subjects: subjects(await once(subscribe, QUERY, { first: 5 })) })
