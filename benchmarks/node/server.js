// The page of benchmarks/graphql.py by mercurius and graphql-jit: `node server.js PORT loaders|lookahead`.
// It shows what benchmarks/graphql_by_hand.py shows, to whom that shows it.
import { createHash } from 'node:crypto'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const [port, how] = process.argv.slice(2)
const POOL_SIZE = 10

const pool = new pg.Pool({
  connectionString: process.env.MESA_DATABASE_URL,
  max: POOL_SIZE,
  options: '-c role=mesa_app -c timezone=UTC -c search_path=public -c jit=off -c max_parallel_workers_per_gather=0'
})

async function ask (name, text, ...values) {
  return (await pool.query({ name, text, values })).rows
}

const AUTHENTICATE = `
SELECT s.user_id FROM sessions s JOIN users u ON u.id = s.user_id
    LEFT JOIN second_factors f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL
WHERE s.token_hash = $1 AND s.kind = 'BEARER' AND s.ended_at IS NULL AND s.expires_at > now()
    AND (s.idle_until IS NULL OR s.idle_until > now()) AND u.frozen_at IS NULL
    AND (f.id IS NULL OR s.second_factor_at IS NOT NULL)`

const MINE = `
SELECT * FROM tramites WHERE applicant_id = $1 AND status <> 'VOIDED' ORDER BY sent_at DESC, id DESC LIMIT $2`

const COLUMNS = `
t.id, t.number, t.subject, t.status, t.document_kind AS "documentKind", t.folios, to_json(t.sent_at) AS "sentAt"`

const LAST_ACTS = `
SELECT e.sequence::text, e.act, e.to_status AS "toStatus",
    CASE WHEN e.act <> 'REFERRED' THEN coalesce(w.text, e.text) END AS text, to_json(e.at) AS at
FROM (
    SELECT * FROM entries
    WHERE tramite_id = t.id AND act NOT IN ('OWNER_CHANGED', 'NOTE_ADDED') ORDER BY sequence DESC LIMIT $LAST
) e LEFT JOIN entry_texts w ON w.sequence = e.sequence ORDER BY e.sequence`

const FILES = `
SELECT DISTINCT ON (a.position) a.id, a.name, c.kind, a.size_bytes::int AS "sizeBytes"
FROM attachments a JOIN contents c ON c.sha256 = a.content_id
WHERE a.tramite_id = t.id AND a.role <> 'ANSWER' ORDER BY a.position, a.version DESC`

const WHOLE = `
SELECT ${COLUMNS}, json_build_object('code', o.code, 'name', o.name) AS office, h.acts AS history,
    f.files AS attachments
FROM (${MINE}) t JOIN offices o ON o.id = t.office_id
CROSS JOIN LATERAL (SELECT coalesce(json_agg(h), '[]') AS acts FROM (${LAST_ACTS.replace('$LAST', '5')}) h) h
CROSS JOIN LATERAL (SELECT coalesce(json_agg(f), '[]') AS files FROM (${FILES}) f) f
ORDER BY t.sent_at DESC, t.id DESC`

const PLAIN = `SELECT ${COLUMNS}, t.office_id FROM (${MINE}) t ORDER BY t.sent_at DESC, t.id DESC`

const schema = `
type Office { code: String! name: String! }
type HistoryEntry { sequence: ID! act: String! toStatus: String text: String at: String! }
type Attachment { id: ID! name: String! kind: String sizeBytes: Int! }
type Tramite {
  id: ID! number: String! subject: String! status: String! documentKind: String folios: Int sentAt: String!
  office: Office! history(last: Int! = 20): [HistoryEntry!]! attachments: [Attachment!]!
}
type Edge { node: Tramite! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
type Connection { edges: [Edge!]! pageInfo: PageInfo! }
type Query { tramites(first: Int! = 20): Connection! }`

function page (rows, first) {
  const shown = rows.slice(0, first)
  const last = shown.at(-1)
  const endCursor = last ? Buffer.from(JSON.stringify([last.sentAt, last.id])).toString('base64url') : null
  return { edges: shown.map(node => ({ node })), pageInfo: { hasNextPage: rows.length > first, endCursor } }
}

const resolvers = {
  Query: {
    async tramites (_, { first }, { viewer }) {
      const asked = how === 'loaders' ? ['plain', PLAIN] : ['whole', WHOLE]
      return page(await ask(...asked, viewer, first + 1), first)
    }
  }
}

const OFFICES = 'SELECT id, code, name FROM offices WHERE id = ANY ($1::uuid[])'
const ACTS_OF = `
SELECT json_agg(h.acts ORDER BY place) AS found FROM unnest($1::uuid[]) WITH ORDINALITY t (id, place)
CROSS JOIN LATERAL (SELECT coalesce(json_agg(h), '[]') AS acts FROM (${LAST_ACTS.replace('$LAST', '$2')}) h) h`
const FILES_OF = `
SELECT json_agg(f.files ORDER BY place) AS found FROM unnest($1::uuid[]) WITH ORDINALITY t (id, place)
CROSS JOIN LATERAL (SELECT coalesce(json_agg(f), '[]') AS files FROM (${FILES}) f) f`

const uncached = { opts: { cache: false } }
const loaders = {
  Tramite: {
    office: {
      ...uncached,
      async loader (queries) {
        const rows = await ask('offices', OFFICES, [...new Set(queries.map(({ obj }) => obj.office_id))])
        const byId = new Map(rows.map(row => [row.id, row]))
        return queries.map(({ obj }) => byId.get(obj.office_id))
      }
    },
    history: {
      ...uncached,
      async loader (queries) {
        const [{ found }] = await ask('acts', ACTS_OF, queries.map(({ obj }) => obj.id), queries[0].params.last)
        return found
      }
    },
    attachments: {
      ...uncached,
      async loader (queries) {
        const [{ found }] = await ask('files', FILES_OF, queries.map(({ obj }) => obj.id))
        return found
      }
    }
  }
}

async function context (request) {
  const token = (request.headers.authorization ?? '').slice('Bearer '.length)
  const [viewer] = await ask('viewer', AUTHENTICATE, createHash('sha256').update(token).digest())
  if (!viewer) throw new mercurius.ErrorWithProps('Sign in.', {}, 401)
  return { viewer: viewer.user_id }
}

const app = Fastify({ keepAliveTimeout: 15_000 })
app.register(mercurius, { schema, resolvers, context, jit: 1, ...(how === 'loaders' ? { loaders } : {}) })
await app.listen({ port: Number(port), host: '127.0.0.1' })
