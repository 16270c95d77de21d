// What graphql-inspector calls a breaking change from one schema to another, but for what was deprecated.
import { readFileSync } from 'node:fs'
import { CriticalityLevel, DiffRule, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'

const [released, current] = process.argv.slice(2).map((path) => buildSchema(readFileSync(path, 'utf8')))
const changes = await diff(released, current, [DiffRule.suppressRemovalOfDeprecatedField])
const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
console.log(JSON.stringify(breaking.map(({ message }) => message)))
