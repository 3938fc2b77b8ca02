/** `cellwright move-in node-red|sender|list|forget`: what another program has, reported and brought into a draft. */
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import {
  answerMoveIn,
  bringMoveIn,
  type Collision,
  forgetMoveIn,
  importMoveIn,
  listMoveIns,
  type MoveIn,
  type MoveInLine,
  type ResponseOf,
} from '../../api/index.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import type { Shell } from './shell.ts'

/** Reading and packing archives takes a library that the other commands need not load. */
const packing = () => import('../pack-folder.ts')

const collect = (value: string, all: string[]) => [...all, value]
/** Never an argument: those stand in the list of processes and in the shell's history. */
const SECRET = 'CELLWRIGHT_MOVE_IN_SECRET'

async function bring(api: Client, path: string): Promise<MoveIn> {
  const full = resolve(path)
  const facts = await stat(full).catch((error: unknown) => {
    throw fileProblem(path, error)
  })
  const query = { name: basename(full).slice(0, 200) }
  if (!facts.isDirectory()) return api.upload(bringMoveIn, query, full)
  const { withPackedFolder } = await packing()
  return withPackedFolder(full, (file) => api.upload(bringMoveIn, query, file))
}

const MARKS = { danger: '!!', todo: ' >', note: '  ', good: ' +' } as const
const lineText = ({ level, says, next }: MoveInLine, indent = '') => `${indent}${MARKS[level]} ${says}${next === undefined ? '' : `\n${indent}   -> ${next}`}`
const HERE = { no: '', same: ', here already', collides: ', ids taken here' } as const
const KINDS = { flow: 'Flow', subflow: 'Subflow', config: 'Config node', environment: 'Global environment' } as const

function reportText({ id, kind, name, files, passedOver, credentials, lines, items, globalContext, machines, macros }: MoveIn): string {
  const shown = items.filter((item) => item.kind !== 'config' || item.here === 'collides' || item.lines.some(({ level }) => level === 'danger'))
  return [
    `${name} (${kind}), ${id}: ${files.length} files read, ${passedOver} passed over. Nothing is imported yet.`,
    ...(kind === 'node-red' ? [`Passwords and keys: ${{ none: 'none', open: 'readable', locked: 'locked' }[credentials]}.`] : []),
    ...lines.map((each) => lineText(each)),
    ...shown.flatMap((item) => [
      '',
      `${KINDS[item.kind]} "${item.label}" (${item.id}): ${item.nodes} nodes${item.isOff ? ', switched off' : ''}${HERE[item.here]}`,
      ...(item.types.length ? [`   ${item.types.map(({ type, count, isHere }) => `${count} ${type}${isHere ? '' : ' (not here)'}`).join(', ')}`] : []),
      ...item.lines.map((each) => lineText(each, '  ')),
    ]),
    ...(globalContext.length ? ['', `Global context: ${globalContext.join(', ')}`] : []),
    ...machines.flatMap((machine) => [
      '',
      `Machine "${machine.name}" (a proposal: set it up under Machines)`,
      ...machine.lines.map((each) => lineText(each, '  ')),
    ]),
    ...macros.flatMap((macro) => [
      '',
      `Macro "${macro.name}" (${macro.id})${macro.steps ? '' : ': not imported'}`,
      ...macro.lines.map((each) => lineText(each, '  ')),
    ]),
  ].join('\n')
}

type Imported = ResponseOf<typeof importMoveIn>
const importedText = ({ flows, nodes, secrets, contextKeys, programs, missingTypes }: Imported): string =>
  [
    `In your draft: ${nodes} nodes${flows.length ? `, ${flows.map(({ label }) => `"${label}"`).join(', ')}` : ''}. Open the designer, look at it, and deploy it.`,
    ...(secrets ? [`Passwords and keys of ${secrets} nodes come with the deploy.`] : []),
    ...(contextKeys ? [`${contextKeys} values of context come with the deploy.`] : []),
    ...programs.map(({ name }) => `Program ${name} is in the library.`),
    ...(missingTypes.length ? [`Not here, so a deploy is refused: ${missingTypes.join(', ')}.`] : []),
  ].join('\n')

const COLLISIONS: readonly string[] = ['new-ids', 'replace', 'skip'] satisfies Collision[]

function collisionsFrom(given: readonly string[], items: MoveIn['items']): Record<string, Collision> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.lastIndexOf('=')
      const choice = text.slice(at + 1)
      if (at < 1 || !COLLISIONS.includes(choice))
        throw new UserError({ code: 'collision-invalid', message: `"${text}" decides nothing. Write <flow>=new-ids, <flow>=replace or <flow>=skip.` })
      return [found(items, text.slice(0, at), 'flow').id, choice as Collision]
    }),
  )
}

/** By its id or its name. @throws UserError move-in-not-there */
function found<T extends { id: string; label?: string; name?: string }>(all: readonly T[], wanted: string, what: string): T {
  const hit = all.find(({ id }) => id === wanted) ?? all.find(({ label, name }) => label === wanted || name === wanted)
  if (!hit) throw new UserError({ code: 'move-in-not-there', message: `There is no ${what} "${wanted}" in it. The report names what there is.` })
  return hit
}

export function addMoveInCommands(program: Command, { client, output }: Shell): void {
  const moveIn = program.command('move-in').description('brings what another program has: a report, then a draft; nothing is deployed')
  moveIn
    .command('node-red <path>')
    .description(`reports on a Node-RED user directory (a folder, .zip, .tar.gz or flow file); the secret of its passwords can be given as ${SECRET}`)
    .option('--flow-file <name>', 'which file holds the flows, where that is not clear')
    .option('--import', 'puts it into your draft')
    .option('--flow <name>', 'with --import: only this flow, by name or id, with what it uses; may be given again', collect, [] as string[])
    .option('--collision <flow=choice>', 'new-ids, replace or skip, for what has ids that are taken here; may be given again', collect, [] as string[])
    .option('--without-credentials', 'leaves passwords and keys behind')
    .option('--context', 'brings the context of flows and nodes that was kept on disk')
    .option('--global-context', 'brings the global context; what is here stays')
    .action(
      async (
        path: string,
        options: {
          flowFile?: string
          import?: boolean
          flow: string[]
          collision: string[]
          withoutCredentials?: boolean
          context?: boolean
          globalContext?: boolean
        },
      ) => {
        const api = client()
        let report = await bring(api, path)
        const secret = process.env[SECRET]
        if (options.flowFile !== undefined || (secret && report.credentials === 'locked'))
          report = await api.call(answerMoveIn, {
            params: { moveInId: report.id },
            body: { ...(options.flowFile === undefined ? {} : { flowFile: options.flowFile }), ...(secret ? { credentialSecret: secret } : {}) },
          })
        if (!options.import) return output().result(report, reportText(report))
        const picked = options.flow.length
          ? options.flow.map((flow) => found(report.items, flow, 'flow'))
          : report.items.filter((item) => item.kind !== 'config')
        const done = await api.call(importMoveIn, {
          params: { moveInId: report.id },
          body: {
            items: picked.map(({ id }) => id),
            collisions: collisionsFrom(options.collision, report.items),
            withCredentials: options.withoutCredentials !== true,
            withContext: options.context === true,
            withGlobalContext: options.globalContext === true,
            macros: [],
          },
        })
        output().result(done, importedText(done))
      },
    )
  moveIn
    .command('sender <path>')
    .description('reports on the .cncrc of CNCjs, or settings and macros of gSender or UGS (a file, or a folder with several)')
    .option('--import', 'puts the macros that can come along into your draft, as buttons')
    .option('--macro <name>', 'with --import: only this one, by name or id; may be given again', collect, [] as string[])
    .option('--machine <id>', 'the machine that they are for')
    .action(async (path: string, options: { import?: boolean; macro: string[]; machine?: string }) => {
      const api = client()
      const report = await bring(api, path)
      if (!options.import) return output().result(report, reportText(report))
      const picked = options.macro.length ? options.macro.map((name) => found(report.macros, name, 'macro')) : report.macros
      const done = await api.call(importMoveIn, {
        params: { moveInId: report.id },
        body: {
          macros: picked.map(({ id }) => id),
          items: [],
          collisions: {},
          withCredentials: false,
          withContext: false,
          withGlobalContext: false,
          ...(options.machine === undefined ? {} : { machineId: options.machine }),
        },
      })
      output().result(done, importedText(done))
    })
  moveIn
    .command('list')
    .description('what you have brought, and what waits for the deploy of your draft')
    .action(async () => {
      const all = await client().call(listMoveIns, {})
      const text = [
        ...all.brought.map(({ id, kind, name, until }) => `${id}  ${kind}  ${name}  (until ${until.slice(0, 10)})`),
        ...all.waiting.map(
          ({ id, name, secrets, contextKeys }) => `${id}  waits for a deploy  ${name}: passwords of ${secrets} nodes, ${contextKeys} values of context`,
        ),
      ]
      output().result(all, text.length ? text.join('\n') : 'Nothing was brought.')
    })
  moveIn
    .command('forget <id>')
    .description('forgets what was brought, or what waits for a deploy; what was imported stays')
    .action(async (id: string) => {
      output().result(await client().call(forgetMoveIn, { params: { moveInId: id } }), 'Forgotten.')
    })
}
