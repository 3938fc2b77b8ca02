/** `cellwright environment`, `cellwright promote …` and `cellwright mirror …`. */
import { readFile, writeFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import { OperationalError, UserError } from '../../../base/errors.ts'
import {
  ENVIRONMENT_KINDS,
  type EnvironmentKind,
  getEnvironment,
  getMirror,
  getPromotionFile,
  listPromotions,
  lookAtPromotion,
  type MirrorStatus,
  makePromotion,
  offerPromotion,
  type Promotion,
  type PromotionPreview,
  setEnvironment,
  setMirror,
  syncMirror,
  takePromotion,
  uploadPromotion,
} from '../../api/index.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import type { Shell } from './shell.ts'

const collect = (value: string, all: string[]) => [...all, value]

const KIND_WORDS: Record<EnvironmentKind, string> = { unmarked: 'not marked', test: 'TEST', production: 'PRODUCTION' }

export function addEnvironmentCommands(program: Command, shell: Shell): void {
  addMark(program, shell)
  addPromote(program, shell)
  addMirror(program, shell)
}

function addMark(program: Command, { client, output }: Shell): void {
  program
    .command('environment [kind]')
    .description('tells whether this installation is a test or production, or marks it: test, production, unmarked')
    .option('--name <name>', 'what it is called, to tell it from others')
    .action(async (kind: string | undefined, { name }: { name?: string }) => {
      const api = client()
      const now = await api.call(getEnvironment, {})
      if (kind === undefined && name === undefined) return output().result(now, `${now.name}: ${KIND_WORDS[now.kind]}.`)
      const wanted = kind ?? now.kind
      if (!(ENVIRONMENT_KINDS as readonly string[]).includes(wanted))
        throw new UserError({ code: 'environment-unknown', message: `An installation is one of ${ENVIRONMENT_KINDS.join(', ')}, not "${wanted}".` })
      const set = await api.call(setEnvironment, { body: { kind: wanted as EnvironmentKind, ...(name === undefined ? {} : { name }) } })
      output().result(set, `${set.name}: ${KIND_WORDS[set.kind]}.${set.kind === 'production' ? ' A deploy needs a reason from now on.' : ''}`)
    })
}

const fromText = ({ from, version }: Promotion) => `${from.name} (${KIND_WORDS[from.environment]}), version ${version.number}`

function previewText({
  promotion,
  counts,
  references,
  programs,
  config,
  needs,
  problems,
  changedHere,
  isOlder,
  needsReason,
  isReady,
}: PromotionPreview): string {
  const { signer } = promotion
  const values = references.map(({ key, value, how, differs, reference: { name, part, revision } }) =>
    how === 'open'
      ? `To choose (--map "${key}=…"): what stands here for ${name === undefined ? 'it' : `"${name}"${part ? ` of ${part}${revision ? `, revision ${revision}` : ''}` : ''}`}`
      : how === 'gone'
        ? `The ${key} is not here`
        : `${key} -> ${value} (${how})${differs ? '; its content here is another' : ''}`,
  )
  const programLines = programs.flatMap(({ name, state, canTake, isIn, decision }) => {
    const choice = `--program "${name}=${canTake ? 'theirs' : 'ours'}"${canTake ? ' or "…=ours"' : ''}`
    switch (state) {
      case 'same':
        return []
      case 'new':
        return [decision === 'theirs' ? `Program ${name}: comes along` : `Program ${name}: is in the file, and stays there. It is missing here`]
      case 'missing':
        return [`Missing: the program ${name} is neither here nor in the file; upload it before the flow runs it`]
      default:
        return [
          decision === undefined
            ? `To say (${choice}): the program ${name} has another content here${isIn ? '' : ', and the one of there is not in the file'}`
            : `Program ${name}: ${decision === 'theirs' ? 'becomes as it is there' : 'stays as it is here'}, which is another content`,
        ]
    }
  })
  return [
    `${fromText(promotion)}: ${counts.added} nodes added, ${counts.changed} changed, ${counts.removed} removed.`,
    signer.state === 'unknown'
      ? `New here: the key ${signer.fingerprint} of "${signer.name}". Compare it with "cellwright promote list" there, then say --trust "${signer.fingerprint}".`
      : `Signed by ${signer.name}, key ${signer.fingerprint} (${signer.state}).`,
    ...(isOlder ? ['Older than what came from there last.'] : []),
    ...values,
    ...programLines,
    ...config.map(
      ({ id, name, type, properties, decision }) =>
        `Setting "${name}" (${type}): ${properties.join(', ')}; stays as ${decision === 'ours' ? 'here' : 'there'} (--config ${id}=${decision === 'ours' ? 'theirs' : 'ours'} for the other)`,
    ),
    ...needs.filter(({ isThere }) => isThere !== 'yes').map(({ text, isThere }) => `${isThere === 'no' ? 'Missing' : 'To look at'}: ${text}`),
    ...problems.map(({ message }) => `Problem: ${message}`),
    ...changedHere.map(({ name, type }) => `Changed here, would be overwritten (--overwrite): ${name} (${type})`),
    ...(needsReason ? ['This is production: say --reason.'] : []),
    isReady ? 'It can be taken.' : 'It cannot be taken like this.',
  ].join('\n')
}

function addPromote(program: Command, { client, output }: Shell): void {
  const promote = program.command('promote').description('flows from one installation to the other: made here, or taken from there')
  promote
    .command('list')
    .description('what was made here, what others offer in the shared folder, and what was taken')
    .action(async () => {
      const found = await client().call(listPromotions, {})
      const rows = found.promotions.map(
        (one) =>
          `  ${one.id}  ${one.where === 'store' ? 'shared' : 'here  '}  ${fromText(one)}, ${one.nodes} nodes, by ${one.by} ${one.at}${one.note ? `: ${one.note}` : ''}`,
      )
      const taken = found.taken.map(({ from, version, by, at, versionId }) => `  ${at}  ${from.name}, version ${version.number}, by ${by} (${versionId})`)
      output().result(
        found,
        [
          `Key of this installation: ${found.fingerprint}.`,
          found.store.isSet
            ? found.store.problem
              ? `The shared folder cannot be read: ${found.store.problem}`
              : 'There is a shared folder.'
            : 'There is no shared folder (CELLWRIGHT_PROMOTIONS).',
          rows.length ? `Promotions:\n${rows.join('\n')}` : 'There is no promotion yet.',
          ...(found.refused.length ? [`Refused:\n${found.refused.map(({ file, reason }) => `  ${file}: ${reason}`).join('\n')}`] : []),
          taken.length ? `Taken:\n${taken.join('\n')}` : 'Nothing was taken yet.',
        ].join('\n'),
      )
    })
  promote
    .command('export')
    .description('makes one file of the flows that run, or of a version; without credentials')
    .option('--version-id <version>', 'another version than the one that runs (ver_…, from "flow versions")')
    .option('--flow <id>', 'only this flow or subflow, with what it uses; may be given again', collect, [] as string[])
    .option('--note <text>', 'told with it')
    .option('--offer', 'puts it into the shared folder as well')
    .option('--out <file>', 'writes the file there')
    .action(async (options: { versionId?: string; flow: string[]; note?: string; offer?: boolean; out?: string }) => {
      const api = client()
      const { versionId, flow, note, offer = false, out } = options
      const made = await api.call(makePromotion, {
        body: { offer, ...(versionId === undefined ? {} : { versionId }), ...(flow.length ? { flowIds: flow } : {}), ...(note === undefined ? {} : { note }) },
      })
      if (out !== undefined)
        await writeFile(out, await fileOf(api, made.id)).catch((error: unknown) => {
          throw fileProblem(out, error, 'write')
        })
      output().result(
        made,
        `${fromText(made)}: ${made.nodes} nodes, ${made.tests} tests. ${out === undefined ? `It is ${made.id}` : `Written to ${out}`}${offer ? ', and offered in the shared folder' : ''}. It holds no credentials.`,
      )
    })
  promote
    .command('offer <promotion>')
    .description('puts a promotion that is here into the shared folder')
    .action(async (promotionId: string) => {
      const offered = await client().call(offerPromotion, { params: { promotionId } })
      output().result(offered, `${fromText(offered)} lies in the shared folder.`)
    })
  promote
    .command('import <source>')
    .description('takes flows of another installation, from a file or by the id of "promote list": looks what they change, then deploys them')
    .option('--dry-run', 'tells what it would change and what is missing, and changes nothing')
    .option('--map <key=value>', 'what stands here for a thing of there, such as "machine mill-1=haas"; may be given again', collect, [] as string[])
    .option('--config <node=theirs|ours>', 'whose settings of a shared node count; may be given again', collect, [] as string[])
    .option('--program <name=theirs|ours>', 'whose content of a program counts; may be given again', collect, [] as string[])
    .option('--trust <fingerprint>', 'takes a key that is new here')
    .option('--overwrite', 'takes the place of what was changed here')
    .option('--reason <text>', 'why; needed in production')
    .option('--untested <reason>', 'although tests fail, for this reason')
    .action(
      async (
        source: string,
        options: {
          dryRun?: boolean
          map: string[]
          config: string[]
          program: string[]
          trust?: string
          overwrite?: boolean
          reason?: string
          untested?: string
        },
      ) => {
        const api = client()
        const id = /^[0-9a-f]{32}$/.test(source) ? source : (await api.upload(uploadPromotion, {}, source)).id
        const params = { promotionId: id }
        const request = {
          choices: pairsOf(options.map, '--map'),
          config: pairsOf(options.config, '--config') as Record<string, 'ours' | 'theirs'>,
          overwrites: options.overwrite === true,
          ...(options.trust === undefined ? {} : { trusts: options.trust }),
        }
        const look = (programs: Record<string, 'ours' | 'theirs'>) => api.call(lookAtPromotion, { params, body: { ...request, programs } })
        let preview = await look({})
        const said = pairsOf(options.program, '--program') as Record<string, 'ours' | 'theirs'>
        // people say the name; the same program may be named in two ways
        const programs = Object.fromEntries(preview.programs.flatMap(({ key, name }) => (said[name] === undefined ? [] : [[key, said[name]] as const])))
        if (Object.keys(programs).length) preview = await look(programs)
        if (options.dryRun) return output().result(preview, previewText(preview))
        const { reason, untested } = options
        const taken = await api.call(
          takePromotion,
          {
            params,
            body: {
              ...request,
              programs,
              rev: preview.rev,
              ...(reason === undefined ? {} : { reason }),
              ...(untested === undefined ? {} : { untested: { reason: untested } }),
            },
          },
          { timeoutMs: 600_000 },
        )
        output().result(taken, `${fromText(preview.promotion)} runs here as ${taken.versionId}.`)
      },
    )
}

/** `key=value`; the last sign counts, as keys may hold one. @throws UserError choice-invalid */
function pairsOf(given: readonly string[], option: string): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.lastIndexOf('=')
      if (at < 1) throw new UserError({ code: 'choice-invalid', message: `"${text}" says nothing. Write ${option} "key=value", with a key of --dry-run.` })
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

async function fileOf(api: Client, id: string): Promise<Buffer> {
  const { url, token } = api.access
  const answer = await fetch(`${url}${getPromotionFile.path.replace(':promotionId', id)}`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok)
    throw new OperationalError({ code: 'download-failed', message: `It was made, but its file could not be loaded: the server answered ${answer.status}.` })
  return Buffer.from(await answer.arrayBuffer())
}

/** One line of a file; `-` is standard input. @throws UserError file-missing, file-unusable */
async function secretFrom(file: string): Promise<string> {
  if (file === '-') return (await readAll(process.stdin)).trim()
  return (
    await readFile(file, 'utf8').catch((error: unknown) => {
      throw fileProblem(file, error)
    })
  ).trim()
}

const STATES: Record<MirrorStatus['state'], string> = {
  off: 'switched off',
  idle: 'up to date',
  working: 'at work',
  waiting: 'waits for its next try',
  elsewhere: 'kept by another host',
}

function mirrorText({ settings, state, folder, commit, missing, pushed, error }: MirrorStatus): string {
  return [
    `The git mirror is ${STATES[state]}.${missing ? ` ${missing} versions are missing.` : ''}`,
    `Repository: ${folder}${commit ? `, version ${commit.version} (${commit.id.slice(0, 10)})` : ''}; read it with git clone.`,
    settings.remote === undefined
      ? 'It is pushed nowhere.'
      : `Pushed to ${settings.remote}, branch ${settings.branch}, ${settings.hasToken ? 'with a token' : 'without a token'}${settings.allowsPlainHttp ? ', UNENCRYPTED' : ''}${pushed ? `; last ${pushed.at} (${pushed.commit.slice(0, 10)})` : ''}.`,
    ...(error ? [`Last error (${error.at}, try ${error.attempts}): ${error.message}${error.nextAt ? ` Tried again ${error.nextAt}.` : ''}`] : []),
    'Outgoing only: what is changed in the repository changes nothing here.',
  ].join('\n')
}

function addMirror(program: Command, { client, output }: Shell): void {
  const mirror = program.command('mirror').description('the git mirror: every version of the flows as a commit')
  mirror
    .command('status')
    .description('how it is, and its last error')
    .action(async () => {
      const status = await client().call(getMirror, {})
      output().result(status, mirrorText(status))
    })
  mirror
    .command('set')
    .description('switches it on or off and says where it is pushed to; what is not named stays')
    .option('--on', 'switches it on')
    .option('--off', 'switches it off; what is there stays')
    .option('--remote <url>', 'https address of a repository; "" for none')
    .option('--plain-http', 'lets flows and token go unencrypted to an http:// address of your own network')
    .option('--branch <name>', 'branch there and here')
    .option('--user <name>', 'name that goes with the token; most take any')
    .option('--token-file <file>', 'a file with the token, or - for standard input: it never stands in the list of processes')
    .option('--forget-token', 'forgets the token')
    .action(
      async (options: {
        on?: boolean
        off?: boolean
        remote?: string
        plainHttp?: boolean
        branch?: string
        user?: string
        tokenFile?: string
        forgetToken?: boolean
      }) => {
        if (options.on && options.off) throw new UserError({ code: 'mirror-both', message: 'Say --on or --off, not both.' })
        const api = client()
        const { settings } = await api.call(getMirror, {})
        const token = options.forgetToken ? '' : options.tokenFile === undefined ? undefined : await secretFrom(options.tokenFile)
        const status = await api.call(setMirror, {
          body: {
            isOn: options.on ? true : options.off ? false : settings.isOn,
            ...(options.remote === undefined ? {} : { remote: options.remote }),
            ...(options.plainHttp ? { allowsPlainHttp: true } : {}),
            ...(options.branch === undefined ? {} : { branch: options.branch }),
            ...(options.user === undefined ? {} : { userName: options.user }),
            ...(token === undefined ? {} : { token }),
          },
        })
        output().result(status, mirrorText(status))
      },
    )
  mirror
    .command('sync')
    .description('brings it up to date and pushes now')
    .action(async () => {
      const status = await client().call(syncMirror, {}, { timeoutMs: 600_000 })
      output().result(status, mirrorText(status))
      if (status.error) process.exitCode = 1
    })
}
