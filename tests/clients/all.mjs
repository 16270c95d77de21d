// Lets all clients that are named ask at once, in one process, and tells what each has found, or why it has not.
const names = process.argv.slice(2)
const found = await Promise.allSettled(names.map((name) => import(`./${name}.mjs`)))
const told = ({ value, reason }) => value?.told ?? { failed: String(reason?.stack ?? reason) }
console.log(JSON.stringify(Object.fromEntries(names.map((name, at) => [name, told(found[at])]))))
process.exit(0)
