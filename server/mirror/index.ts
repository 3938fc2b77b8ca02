/**
 * The git mirror: every version of the flows, panels and imported templates as a commit, in a repository on this computer, and pushed
 * where somebody wants it. It follows after, and never holds up a deploy; nothing comes back from it. README.md says what can go wrong.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { getMirror, MirrorSettings, type MirrorStatus, setMirror, syncMirror } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { EnvironmentMark } from '../environment/index.ts'
import { installationId } from '../environment/index.ts'
import type { FlowsPart } from '../flows/index.ts'
import type { Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import { askHelper } from '../machines/helper-process.ts'
import type { Secrets } from '../secrets/index.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'
import { MirrorAnswer, type MirrorCommit, type MirrorHead, type MirrorQuestion } from './question.ts'
import { changed, type MirrorRow, noteOutcome, readMirror, settingsOf, writeMirror } from './settings.ts'

export interface Mirror {
  routes: RouteHandler[]
  start(): void
  close(): Promise<void>
}

export interface MirrorDeps {
  store: Store
  log: Logger
  live: LiveHub
  audit: Audit
  secrets: Pick<Secrets, 'seal' | 'open' | 'derive'>
  hosts: Hosts
  flows: Pick<FlowsPart, 'onDeployed'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  environment: EnvironmentMark
  keptSecrets: () => Promise<readonly string[]>
  /** Of the repository. */
  dir: string
  /** Between a failure and the next try, doubled each time. @defaultValue 15 s */
  firstPauseMs?: number
}

const ENTRY = { source: 'server/mirror/run.ts', built: 'mirror' }
const TIMEOUT_MS = 10 * 60_000
const MAX_MEMORY_MB = 1000
/** Commits of one call of the helper. */
const AT_ONCE = 20
const FIRST_PAUSE_MS = 15_000
const LONGEST_PAUSE_MS = 3_600_000
/** What no news tells of: other hosts' deploys, panels, a time without the database. */
const LOOK_MS = 60_000
/** A version that is this young may not have started yet, or a transaction before it may not have ended. */
const YOUNG_MS = 120_000
const SUBJECT = 'mirror'
const answerOf = checker(MirrorAnswer)
const keptContent = checker(Type.Omit(MirrorSettings, ['hasToken']))

export async function createMirror(deps: MirrorDeps): Promise<Mirror> {
  const { store, log, live, audit, secrets, hosts, versions, environment, dir, firstPauseMs = FIRST_PAUSE_MS } = deps
  const { db } = store
  const ending = new AbortController()
  const installation = {
    id: installationId(secrets),
    get name() {
      return environment.current.name
    },
  }
  let row = await readMirror(db)
  let head: MirrorHead | undefined
  let isKnown = false
  let missing = 0
  let isWorking = false
  let working: Promise<void> = Promise.resolve()
  /** By `performance.now()`: nothing is tried before, unless somebody asks. */
  let pauseUntil = 0
  let nextAt: Date | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: NodeJS.Timeout | undefined
  let isStarted = false
  /** What was deployed before runs, or was put back since. */
  let certainAt = new Date(0)
  /** Once in a life: what is broken again at once is not mended by this. */
  let hasMended = false

  const status = (): MirrorStatus => ({
    settings: settingsOf(row),
    state: !row.isOn ? 'off' : !hosts.leads ? 'elsewhere' : isWorking ? 'working' : row.error ? 'waiting' : 'idle',
    folder: dir,
    ...(head ? { commit: { id: head.id, version: head.version, at: head.at } } : {}),
    missing,
    ...(row.pushed ? { pushed: { commit: row.pushed.commit, at: row.pushed.at.toISOString() } } : {}),
    ...(row.error ? { error: { ...row.error, ...(nextAt ? { nextAt: nextAt.toISOString() } : {}) } } : {}),
  })
  const tell = () => live.publish('mirror', status())
  live.provide('mirror', status)

  const ask = async (commits: MirrorCommit[], remote: MirrorQuestion['remote']): Promise<MirrorAnswer> => {
    const question: MirrorQuestion = {
      dir,
      branch: row.branch,
      installation: { id: installation.id, name: installation.name },
      commits,
      secrets: [...(await deps.keptSecrets())],
      ...(remote ? { remote } : {}),
    }
    return answerOf.parse(
      await askHelper(ENTRY, question, { timeoutMs: TIMEOUT_MS, signal: ending.signal, lowPriority: true, maxMemoryMb: MAX_MEMORY_MB }),
      'The answer of the mirror',
    )
  }
  const remoteOf = ({ remote, userName, token }: MirrorRow): MirrorQuestion['remote'] =>
    remote === undefined ? undefined : { url: remote, userName: userName ?? 'git', ...(token === undefined ? {} : { token: secrets.open(token) }) }

  /** What is not in it yet, oldest first. @param upTo versions that are known to run */
  const due = async (workDir: string, isCertain: boolean): Promise<{ commits: MirrorCommit[]; left: number }> => {
    const after = head?.version ?? 0
    const before = isCertain
      ? sql<Date>`now() + interval '1 day'`
      : sql<Date>`greatest(now() - make_interval(secs => ${YOUNG_MS / 1000}), ${certainAt}::timestamptz)`
    const rows = await db
      .selectFrom('flowVersion')
      .select(['id', 'number', 'author', 'at', 'comment', 'text', 'label', 'approvedBy', sql<string>`flows::text`.as('flowsText')])
      .select(sql<string | null>`"promotedFrom" -> 'from' ->> 'name'`.as('fromName'))
      .where('number', '>', after)
      .where('state', '!=', 'failed')
      .where('at', '<=', before)
      .orderBy('number')
      .limit(AT_ONCE)
      .execute()
    const kept = await db
      .selectFrom('keptVersion')
      .select([
        'id',
        'kind',
        'subject',
        'number',
        'title',
        'author',
        'reason',
        'at',
        'content',
        sql<string>`to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('atText'),
      ])
      .where('kind', 'in', ['panel', 'template'])
      .where(sql<boolean>`(at, id) > (${head?.kept?.at ?? '-infinity'}::timestamptz, ${head?.kept?.id ?? ''})`)
      // a transaction that began before may still be open
      .where('at', '<=', sql<Date>`now() - interval '5 seconds'`)
      .orderBy('at')
      .orderBy('id')
      .limit(AT_ONCE)
      .execute()
    const commits: MirrorCommit[] = []
    for (const version of rows) {
      const file = join(workDir, `${version.number}.json`)
      await writeFile(file, version.flowsText, { mode: 0o600 })
      const note = [version.text, version.approvedBy === null ? null : `Approved by ${version.approvedBy}.`].filter(Boolean).join('\n')
      commits.push({
        flows: { number: version.number, file, ...(note ? { note } : {}) },
        title: `Version ${version.number}${version.comment ? `: ${version.comment.split('\n')[0]?.slice(0, 100)}` : ''}`,
        ...(version.comment && (version.comment.includes('\n') || version.comment.length > 100) ? { reason: version.comment } : {}),
        author: version.author,
        at: version.at.toISOString(),
      })
    }
    for (const one of kept)
      commits.push({
        kept: { id: one.id, at: one.atText, kind: one.kind, subject: one.subject, number: one.number, content: one.content },
        title: `${one.kind === 'panel' ? 'Panel' : 'Template'} "${one.title}", version ${one.number}${one.reason ? `: ${one.reason.split('\n')[0]?.slice(0, 80)}` : ''}`,
        author: one.author,
        at: one.at.toISOString(),
      })
    const [first] = await db
      .selectFrom('flowVersion')
      .select(sql<string>`count(*)`.as('count'))
      .where('number', '>', after)
      .where('state', '!=', 'failed')
      .execute()
    return { commits: commits.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(0, AT_ONCE), left: Number(first?.count ?? 0) }
  }

  const outcome = async ({ pushed, pushError }: Pick<MirrorAnswer, 'pushed' | 'pushError'>): Promise<void> => {
    const attempts = pushError ? (row.error?.attempts ?? 0) + 1 : 0
    row = {
      ...row,
      pushed: pushed === undefined ? row.pushed : { commit: pushed, at: new Date() },
      error: pushError ? { ...pushError, at: new Date().toISOString(), attempts } : undefined,
    }
    if (pushError) {
      const pause = Math.min(firstPauseMs * 2 ** Math.min(attempts - 1, 20), LONGEST_PAUSE_MS)
      pauseUntil = performance.now() + pause
      nextAt = new Date(Date.now() + pause)
      log.warn({ code: pushError.code, attempts, reason: pushError.message }, 'the git mirror could not be brought up to date; it is tried again')
      later(pause)
    } else {
      pauseUntil = 0
      nextAt = undefined
    }
    await noteOutcome(db, row)
  }

  const later = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void sync(false), ms)
    timer.unref()
  }

  const work = async (isCertain: boolean): Promise<void> => {
    const workDir = `${dir}.work`
    await rm(workDir, { recursive: true, force: true })
    await mkdir(workDir, { recursive: true, mode: 0o700 })
    try {
      for (;;) {
        const generation = row
        const mayPush = performance.now() >= pauseUntil
        const remote = mayPush ? remoteOf(row) : undefined
        if (!isKnown) {
          // where it stands, or what the remote has of it
          const { head: there, pushError } = await ask([], head ? undefined : remote)
          head = there
          isKnown = true
          // made here meanwhile, and not asked for twice at once
          if (pushError) {
            await outcome({ pushError })
            continue
          }
        }
        const { commits, left } = await due(workDir, isCertain)
        missing = left
        const isBehind = row.remote !== undefined && head !== undefined && row.pushed?.commit !== head.id
        if (!commits.length && !(isBehind && mayPush)) {
          // what could not be written is written now, and there is nothing to push
          if (row.error && mayPush) await outcome({})
          return
        }
        tell()
        const more = commits.length === AT_ONCE
        const answer = await ask(commits, more ? undefined : remote)
        head = answer.head ?? head
        missing = Math.max(0, left - commits.filter(({ flows }) => flows).length)
        for (const { flows } of commits) if (flows) await rm(flows.file, { force: true })
        // somebody changed the settings meanwhile: what came of the old ones is not told of the new
        if (generation.remote !== row.remote || generation.branch !== row.branch) {
          isKnown = false
          continue
        }
        if (remote && !more) await outcome(answer)
        else if (!remote && row.remote === undefined && row.error) await outcome({})
        if (!more) return
      }
    } finally {
      await rm(workDir, { recursive: true, force: true })
    }
  }

  /** One at a time; what comes meanwhile is done after it. */
  const sync = (isCertain: boolean): Promise<void> => {
    if (isCertain) certainAt = new Date()
    if (!isStarted || !row.isOn || !hosts.leads || ending.signal.aborted) return Promise.resolve()
    working = working.then(async () => {
      if (!row.isOn || !hosts.leads || ending.signal.aborted) return
      isWorking = true
      try {
        await work(isCertain)
      } catch (error) {
        if (ending.signal.aborted) return
        isKnown = false
        await mend(error)
      } finally {
        isWorking = false
        tell()
      }
    })
    return working
  }

  /** A repository that cannot be read is put aside and made anew: the versions are in the database. */
  const mend = async (error: unknown): Promise<void> => {
    const isBroken =
      !(error instanceof OperationalError && (error.code === 'timed-out' || error.code === 'helper-failed')) &&
      /could not (find|read)|not found|corrupt|inflate|header check|invalid|unexpected/i.test(messageOf(error))
    try {
      if (isBroken && !hasMended) {
        hasMended = true
        const aside = `${dir}.broken-${Date.now()}`
        await rename(dir, aside)
        log.warn({ reason: messageOf(error), aside }, 'the repository of the git mirror could not be read: it was put aside and is made anew')
      }
      head = undefined
      await outcome({
        pushError: { code: error instanceof UserError || error instanceof OperationalError ? error.code : 'mirror-broken', message: messageOf(error) },
      })
    } catch (later) {
      // the database is away: what waits is seen at the next look
      log.warn({ err: later }, 'how the git mirror is could not be noted')
    }
  }

  const set = async (next: MirrorRow, by: Caller, kept: { reason?: string | undefined; restoredFrom?: string } = {}): Promise<MirrorStatus> => {
    const before = row
    const { hasToken: _, ...content } = settingsOf(next)
    await db.transaction().execute(async (tx) => {
      await writeMirror(tx, next, by.name)
      await versions.keep(tx, { kind: 'setting', subject: SUBJECT, title: 'Git mirror', content, author: by, ...kept })
    })
    row = next
    if (before.branch !== next.branch || before.remote !== next.remote) isKnown = false
    pauseUntil = 0
    nextAt = undefined
    audit.record({
      caller: by,
      action: 'mirror.set',
      detail: { ...content, ...(next.token === before.token ? {} : { token: next.token === undefined ? 'removed' : 'set' }) },
    })
    hosts.bus.tell('mirror', {})
    tell()
    void sync(true)
    return status()
  }
  versions.own(
    { kind: 'setting', subject: SUBJECT },
    {
      sees: 'system.view',
      changes: 'system.manage',
      async restore({ caller, version, reason }) {
        const { isOn, remote = '', branch, userName = '', allowsPlainHttp = false } = keptContent.parse(version.content, 'The kept version')
        await set(changed(row, { isOn, remote, branch, userName, allowsPlainHttp }, secrets), caller, { reason, restoredFrom: version.id })
      },
    },
  )
  hosts.bus.on(
    'mirror',
    () =>
      void readMirror(db).then(
        (next) => {
          if (next.branch !== row.branch || next.remote !== row.remote) isKnown = false
          row = next
          tell()
          void sync(true)
        },
        (error: unknown) => log.warn({ err: error }, 'the settings of the git mirror could not be read again'),
      ),
  )
  deps.flows.onDeployed(() => void sync(true))
  hosts.onLead(() => {
    isKnown = false
    void sync(false)
  })

  return {
    routes: [
      handle(getMirror, status),
      handle(setMirror, ({ body, caller }) => set(changed(row, body, secrets), caller)),
      handle(syncMirror, async () => {
        if (!row.isOn) throw new UserError({ code: 'mirror-off', status: 409, message: 'The git mirror is switched off. Switch it on first.' })
        pauseUntil = 0
        nextAt = undefined
        await sync(true)
        return status()
      }),
    ],
    start() {
      isStarted = true
      looking = setInterval(() => void sync(false), LOOK_MS)
      looking.unref()
      void sync(false)
    },
    async close() {
      ending.abort()
      clearInterval(looking)
      clearTimeout(timer)
      await working
    },
  }
}
