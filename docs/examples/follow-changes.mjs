// Follow the status changes of a counter, each once, with graphql-ws: npm install graphql graphql-ws ws
//
//   COUNTER_URL=https://mesadepartes.example.pe/graphql COUNTER_TOKEN=mps_... node follow-changes.mjs
//
// What to keep of this in a program of your own: store the cursor after the change that it came with, in one step if
// you can; begin where it says; and come again, a little later each time, whenever the connection is lost.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const { COUNTER_URL, COUNTER_TOKEN, CURSOR_FILE = 'cursor.txt' } = process.env
const FINAL = ['SERVICE_TOKEN_NOT_GOOD', 'SESSION_ENDED', 'NOT_SIGNED_IN', 'OUT_OF_SCOPE', 'UNKNOWN_CURSOR']

const CHANGES = `subscription Changes($after: Cursor) {
  statusChanges(after: $after, fromStart: true) {
    cursor
    change { sequence at number act toStatus tramite { office { code } } }
  }
}`

const recall = () => (existsSync(CURSOR_FILE) ? readFileSync(CURSOR_FILE, 'utf8').trim() : null)
// Whole, or not at all, also if the power fails; and in a file of our own making.
const remember = (cursor) => {
  const beside = `${CURSOR_FILE}.new`
  rmSync(beside, { force: true })
  writeFileSync(beside, cursor, { flag: 'wx', flush: true }) // Node 20.10 or later flushes
  renameSync(beside, CURSOR_FILE)
}
const handle = (change) => console.log(JSON.stringify(change))
const end = (why) => { console.error(why); process.exit(1) }

const client = createClient({
  url: COUNTER_URL.replace('http', 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization: `Bearer ${COUNTER_TOKEN}` },
  keepAlive: 20_000,
  retryAttempts: 0, // we come again ourselves, from the last cursor
})

async function follow() {
  for await (const { data, errors } of client.iterate({ query: CHANGES, variables: { after: recall() } })) {
    if (errors) throw errors
    const { cursor, change } = data.statusChanges
    if (change) handle(change)
    remember(cursor)
  }
}

for (let wait = 500; ;) {
  const before = recall()
  try {
    await follow()
  } catch (lost) {
    if (lost.code === 4403) end('The token is not good: unknown, revoked or expired.')
    const refused = Array.isArray(lost) && lost.find(({ extensions }) => FINAL.includes(extensions?.code))
    if (refused) end(`The counter says no: ${refused.message}`)
    console.error('Lost:', lost.message ?? lost.code ?? lost)
  }
  wait = recall() === before ? Math.min(wait * 2, 30_000) : 500
  await pause(wait / 2 + (Math.random() * wait) / 2)
}
