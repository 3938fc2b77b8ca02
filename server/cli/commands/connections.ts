/** `cellwright connection list|kinds|show|add|change|test|on|off|retry|remove`. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { messageOf, UserError } from '../../../base/errors.ts'
import {
  addConnection,
  type Connection,
  type ConnectorInfo,
  changeConnection,
  listConnections,
  listConnectors,
  removeConnection,
  retryConnection,
  switchConnection,
  testConnection,
} from '../../api/index.ts'
import type { Client } from '../client.ts'
import type { Shell } from './shell.ts'

const useText = ({ nodeName, nodeType, flowName }: Connection['uses'][number]) => `${nodeName ?? nodeType}${flowName ? ` in "${flowName}"` : ''}`
const stateText = ({ state, since, why, retryAt }: Connection) =>
  [state, since && `since ${since}`, why?.text, retryAt && `Tried again at ${retryAt}.`].filter(Boolean).join('  ')

function connectionText(connection: Connection): string {
  const { traffic, outbox } = connection
  return [
    `${connection.id}: ${connection.name}, ${connection.connector}`,
    stateText(connection),
    `came in ${traffic.in}${traffic.lastInAt ? `, last ${traffic.lastInAt} ${traffic.lastIn ?? ''}` : ''}`,
    `went out ${traffic.out}${traffic.lastOutAt ? `, last ${traffic.lastOutAt} ${traffic.lastOut ?? ''}` : ''}`,
    ...(outbox.waiting || outbox.failed ? [`confirmations: ${outbox.waiting} wait, ${outbox.failed} given up`] : []),
    ...connection.uses.map((use) => `used by ${useText(use)}`),
    ...Object.entries(connection.settings).map(([key, value]) => `${key} = ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    ...connection.keptSecrets.map((name) => `${name} is kept`),
    ...connection.problems.map(({ at, source, reason }) => `problem ${at}  ${source}: ${reason}`),
  ].join('\n')
}

function kindText({ id, label, use, settings, secrets, promises }: ConnectorInfo): string {
  const { properties = {}, required = [] } = settings as { properties?: Record<string, Record<string, unknown>>; required?: string[] }
  return [
    `${id}: ${label}. ${use}`,
    ...Object.entries(properties).map(([key, { title, description, unit, default: initial, enum: values }]) =>
      [
        `  ${key}${required.includes(key) && initial === undefined ? ' (needed)' : ''}: ${String(title)}`,
        unit && `in ${String(unit)}`,
        Array.isArray(values) && `one of ${values.join(', ')}`,
        initial !== undefined && `default ${JSON.stringify(initial)}`,
        description && String(description),
      ]
        .filter(Boolean)
        .join('; '),
    ),
    ...secrets.map(({ name, title }) => `  secret ${name}: ${title}`),
    ...promises.map((promise) => `  - ${promise}`),
  ].join('\n')
}

const collect = (value: string, before: string[]) => [...before, value]

/** `key=value` pairs; a value that is JSON (a list, a number, true) counts as that, `@file` as what stands in the file. @throws UserError bad-value */
function pairsFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UserError({ code: 'bad-value', message: `"${pair}" is no value: write name=value.` })
      const value = pair.slice(at + 1)
      if (!value.startsWith('@')) return [pair.slice(0, at), value]
      try {
        return [pair.slice(0, at), readFileSync(value.slice(1), 'utf8')]
      } catch (cause) {
        throw new UserError({ code: 'bad-value', message: `${value.slice(1)} cannot be read: ${messageOf(cause)}.`, cause })
      }
    }),
  )
}

/** A setting as the schema has it: lists may be given with commas. */
function settingsFrom(pairs: readonly string[], info: ConnectorInfo): Record<string, unknown> {
  const { properties = {} } = info.settings as { properties?: Record<string, { type?: unknown; enum?: unknown }> }
  const given = Object.entries(pairsFrom(pairs)).map(([key, value]) => {
    const { type, enum: values } = properties[key] ?? {}
    if (type === 'array') return [key, value.startsWith('[') ? parsed(value) : value.split(',').map((one) => one.trim())]
    if (type === 'number' || type === 'integer' || type === 'boolean' || (Array.isArray(values) && values.some((one) => typeof one === 'number')))
      return [key, parsed(value)]
    return [key, value]
  })
  return Object.fromEntries(given) as Record<string, unknown>
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value) as unknown
  } catch {
    // the server says what it should have been
    return value
  }
}

/** By id or name. @throws UserError connection-not-found */
async function find(client: Client, wanted: string): Promise<Connection> {
  const all = await client.call(listConnections, {})
  const found = all.find(({ id }) => id === wanted) ?? all.find(({ name }) => name === wanted)
  if (found) return found
  const names = all.map(({ name }) => `"${name}"`).join(', ')
  throw new UserError({ code: 'connection-not-found', message: `There is no connection "${wanted}"; there ${names ? `are ${names}` : 'is none yet'}.` })
}
async function kind(client: Client, wanted: string): Promise<ConnectorInfo> {
  const all = await client.call(listConnectors, {})
  const found = all.find(({ id }) => id === wanted)
  if (found) return found
  throw new UserError({ code: 'connector-unknown', message: `There is no kind "${wanted}"; there are ${all.map(({ id }) => id).join(', ')}.` })
}
/** A secret on the command line would be seen by others: it comes from a file or the environment. @throws UserError bad-value */
function secretsFrom(pairs: readonly string[]): Record<string, string> {
  const given = pairs.map((pair) => {
    const at = pair.indexOf('=')
    const value = pair.slice(at + 1)
    if (value === '' || value.startsWith('@')) return pair
    const variable = /^env:(.+)$/.exec(value)?.[1]
    const found = variable === undefined ? undefined : process.env[variable]
    if (found !== undefined) return `${pair.slice(0, at)}=${found}`
    throw new UserError({
      code: 'bad-value',
      message:
        variable === undefined
          ? 'A secret on the command line can be seen by others of this computer: write name=@file or name=env:VARIABLE.'
          : `The environment has no ${variable}.`,
    })
  })
  return Object.fromEntries(Object.entries(pairsFrom(given)).map(([name, value]) => [name, value.replace(/\r?\n$/, '')]))
}

interface Given {
  set: string[]
  secret: string[]
  off?: boolean
  untested?: boolean
  name?: string
}

export function addConnectionCommands(program: Command, { client, output }: Shell): void {
  const connections = program.command('connection').alias('connections').description('connections to outside systems')
  const withSettings = (command: Command) =>
    command
      .option('--set <name=value>', 'a setting; lists with commas, @file for a text from a file', collect, [])
      .option('--secret <name=value>', 'a secret as name=@file or name=env:VARIABLE; empty removes it', collect, [])

  connections
    .command('list')
    .description('lists connections, how they are and what went through them')
    .action(async () => {
      output().table(
        await client().call(listConnections, {}),
        {
          CONNECTION: (c) => c.id,
          NAME: (c) => c.name,
          KIND: (c) => c.connector,
          STATE: (c) => c.state,
          IN: (c) => c.traffic.in,
          OUT: (c) => c.traffic.out,
          'LAST IN': (c) => c.traffic.lastInAt,
          'USED BY': (c) => c.uses.map(useText).join(', '),
          WHY: (c) => c.why?.text,
        },
        'No connection. "cellwright connection kinds" says what can be connected, "connection add" adds one.',
      )
    })
  connections
    .command('kinds')
    .description('what can be connected, with the settings of each kind')
    .action(async () => {
      const all = await client().call(listConnectors, {})
      output().result(all, all.map(kindText).join('\n\n'))
    })
  connections
    .command('show <connection>')
    .description('one connection by id or name')
    .action(async (wanted: string) => {
      const found = await find(client(), wanted)
      output().result(found, connectionText(found))
    })
  withSettings(connections.command('add <kind> <name>'))
    .description('connects, and adds the connection when that works')
    .option('--off', 'adds it switched off')
    .option('--untested', 'adds it although the other side cannot be reached now')
    .action(async (kindId: string, name: string, { set, secret, off, untested }: Given) => {
      const info = await kind(client(), kindId)
      const body = { name, connector: kindId, settings: settingsFrom(set, info), secrets: secretsFrom(secret), isEnabled: !off, isUntested: untested === true }
      const added = await client().call(addConnection, { body })
      output().result(added, `${added.name} (${added.id}) was added: ${stateText(added)}`)
    })
  withSettings(connections.command('change <connection>'))
    .description('changes settings; those not named stay')
    .option('--name <name>', 'a new name')
    .option('--untested', 'although the other side cannot be reached now')
    .action(async (wanted: string, { set, secret, name, untested }: Given) => {
      const before = await find(client(), wanted)
      const info = await kind(client(), before.connector)
      const body = {
        name: name ?? before.name,
        connector: before.connector,
        settings: { ...before.settings, ...settingsFrom(set, info) },
        secrets: secretsFrom(secret),
        isEnabled: before.isEnabled,
        isUntested: untested === true,
      }
      const changed = await client().call(changeConnection, { params: { connectionId: before.id }, body })
      output().result(changed, `${changed.name} was changed: ${stateText(changed)}`)
    })
  withSettings(connections.command('test <connection-or-kind>'))
    .description('really connects and says what it saw: a connection as it is or with other settings, or a kind with these settings')
    .action(async (wanted: string, { set, secret }: Given) => {
      const all = await client().call(listConnections, {})
      const before = all.find(({ id, name }) => id === wanted || name === wanted)
      const info = await kind(client(), before?.connector ?? wanted)
      const settings = { ...before?.settings, ...settingsFrom(set, info) }
      const body = { connector: info.id, settings, secrets: secretsFrom(secret), ...(before ? { connectionId: before.id } : {}) }
      const result = await client().call(testConnection, { body }, { timeoutMs: 60_000 })
      const lines = result.problem ? [result.problem.text] : result.seen.map(({ text }) => text)
      output().result(result, [result.isGood ? `It works (${result.tookMs} ms).` : 'It does not work yet.', ...lines].join('\n'))
      if (!result.isGood) process.exitCode = 1
    })
  for (const isOn of [true, false])
    connections
      .command(`${isOn ? 'on' : 'off'} <connection>`)
      .description(isOn ? 'switches it on' : 'switches it off, over restarts')
      .action(async (wanted: string) => {
        const { id } = await find(client(), wanted)
        const changed = await client().call(switchConnection, { params: { connectionId: id }, body: { isOn } })
        output().result(changed, `${changed.name}: ${stateText(changed)}`)
      })
  connections
    .command('retry <connection>')
    .description('connects anew now')
    .action(async (wanted: string) => {
      const { id } = await find(client(), wanted)
      const tried = await client().call(retryConnection, { params: { connectionId: id } })
      output().result(tried, `${tried.name}: ${stateText(tried)}`)
    })
  connections
    .command('remove <connection>')
    .description('removes it; one that running flows use only with --even-if-used')
    .option('--even-if-used', 'although running flows use it')
    .action(async (wanted: string, { evenIfUsed = false }: { evenIfUsed?: boolean }) => {
      const { id, name } = await find(client(), wanted)
      const done = await client().call(removeConnection, { params: { connectionId: id }, query: { evenIfUsed } })
      output().result(done, `${name} was removed.`)
    })
}
