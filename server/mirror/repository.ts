/** The repository of the git mirror: a bare one, so that there is no working copy that somebody could change. Over isomorphic-git. */
import fs from 'node:fs'
import git from 'isomorphic-git'
import https from 'isomorphic-git/http/node'
import { UserError } from '../../base/errors.ts'
import type { FlowNode } from '../api/index.ts'
import { flowWithoutSecrets, textWithoutSecrets } from '../templates/secrets.ts'
import { type Layout, layoutOf, slug } from './layout.ts'
import { plainHttp } from './plain-http.ts'
import type { MirrorCommit, MirrorHead, MirrorQuestion } from './question.ts'

type Repository = Pick<MirrorQuestion, 'dir' | 'branch' | 'installation'>
type Remote = NonNullable<MirrorQuestion['remote']>

/** Lines at the end of a commit's message that say what it holds; git calls them trailers. */
const TRAILER = { installation: 'Cellwright-Installation', version: 'Cellwright-Version', kept: 'Cellwright-Kept' } as const
/** Parts of the tree that come with the flows; the others stay as they were. */
const OF_FLOWS = new Set(['flows', 'subflows', 'shared', 'README.md'])
const FOLDER: Readonly<Record<string, string>> = { panel: 'panels', template: 'templates' }

const refOf = (branch: string) => `refs/heads/${branch}`

/** Makes it where there is none; a new branch begins where the last one is. */
export async function openRepository({ dir, branch }: Repository): Promise<void> {
  if (!fs.existsSync(`${dir}/HEAD`)) {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 })
    await git.init({ fs, gitdir: dir, bare: true, defaultBranch: branch })
    return
  }
  if (await resolve(dir, refOf(branch))) return
  const before = await resolve(dir, 'HEAD')
  if (before) await git.writeRef({ fs, gitdir: dir, ref: refOf(branch), value: before, force: true })
  await git.writeRef({ fs, gitdir: dir, ref: 'HEAD', value: refOf(branch), symbolic: true, force: true })
}

async function resolve(dir: string, ref: string): Promise<string | undefined> {
  try {
    return await git.resolveRef({ fs, gitdir: dir, ref })
  } catch (error) {
    if ((error as { code?: string }).code === 'NotFoundError') return undefined
    throw error
  }
}

/** What the newest commit of this branch says; undefined without one. */
export async function headOf(repository: Repository): Promise<MirrorHead | undefined> {
  const id = await resolve(repository.dir, refOf(repository.branch))
  return id === undefined ? undefined : readHead(repository, id)
}

/** @throws UserError mirror-foreign for a commit that this installation has not written */
async function readHead({ dir, installation }: Repository, id: string): Promise<MirrorHead> {
  const { commit } = await git.readCommit({ fs, gitdir: dir, oid: id })
  const trailers = new Map(
    commit.message.split('\n').flatMap((line): [string, string][] => {
      const found = /^(Cellwright-[A-Za-z]+): (.*)$/.exec(line)
      return found ? [[found[1] ?? '', found[2] ?? '']] : []
    }),
  )
  const version = Number(trailers.get(TRAILER.version))
  if (trailers.get(TRAILER.installation) !== installation.id || !Number.isInteger(version))
    throw new UserError({
      code: 'mirror-foreign',
      message: 'The branch holds commits that this installation has not written. Name an empty repository, or another branch: nothing there is written over.',
    })
  const [at, keptId] = (trailers.get(TRAILER.kept) ?? '').split(' ')
  return {
    id,
    version,
    ...(at && keptId ? { kept: { at, id: keptId } } : {}),
    at: new Date(commit.committer.timestamp * 1000).toISOString(),
  }
}

/** One commit for one version. */
export async function addCommit(
  { dir, branch, installation }: Repository,
  head: MirrorHead | undefined,
  commit: MirrorCommit,
  secrets: readonly string[],
): Promise<MirrorHead> {
  const before = head === undefined ? [] : (await git.readTree({ fs, gitdir: dir, oid: head.id })).tree
  const clean = (text: string) => textWithoutSecrets(text, secrets)
  let tree = before
  if (commit.flows) {
    const flows = flowWithoutSecrets(JSON.parse(fs.readFileSync(commit.flows.file, 'utf8')) as FlowNode[], secrets)
    const files: Layout = new Map([...layoutOf(flows, { installation: installation.name })].map(([path, text]) => [path, clean(text)]))
    tree = [...before.filter(({ path }) => !OF_FLOWS.has(path)), ...(await writeTree(dir, files))]
  }
  if (commit.kept) {
    const { kind, subject, content } = commit.kept
    const folder = FOLDER[kind] ?? kind
    const file = `${slug(subject)}-${slug(commit.kept.subject.replaceAll(/[^A-Za-z0-9]/g, '')).slice(-12)}.json`
    const beside = before.find(({ path, type }) => path === folder && type === 'tree')
    const inside = beside ? (await git.readTree({ fs, gitdir: dir, oid: beside.oid })).tree.filter(({ path }) => path !== file) : []
    const text = JSON.stringify(flowWithoutSecrets([{ id: '', type: kind, content } as FlowNode], secrets)[0]?.content, null, 2)
    const next = content === null ? inside : [...inside, await blobEntry(dir, file, clean(`${text}\n`))]
    const others = before.filter(({ path }) => path !== folder)
    tree = next.length ? [...others, { mode: '040000', path: folder, type: 'tree', oid: await git.writeTree({ fs, gitdir: dir, tree: next }) }] : others
  }
  const version = commit.flows?.number ?? head?.version ?? 0
  const kept = commit.kept ? { at: commit.kept.at, id: commit.kept.id } : head?.kept
  const timestamp = Math.floor(Date.parse(commit.at) / 1000)
  const who = { name: nameOf(clean(commit.author)), email: `${slug(commit.author)}@cellwright.invalid`, timestamp, timezoneOffset: 0 }
  const message = [
    clean(commit.title).split('\n')[0],
    '',
    ...(commit.reason ? [clean(commit.reason), ''] : []),
    ...(commit.flows?.note ? [clean(commit.flows.note), ''] : []),
    `${TRAILER.installation}: ${installation.id}`,
    `${TRAILER.version}: ${version}`,
    ...(kept ? [`${TRAILER.kept}: ${kept.at} ${kept.id}`] : []),
    '',
  ].join('\n')
  const id = await git.writeCommit({
    fs,
    gitdir: dir,
    commit: {
      message,
      tree: await git.writeTree({ fs, gitdir: dir, tree }),
      parent: head === undefined ? [] : [head.id],
      author: who,
      committer: who,
    },
  })
  await git.writeRef({ fs, gitdir: dir, ref: refOf(branch), value: id, force: true })
  return { id, version, ...(kept ? { kept } : {}), at: new Date(timestamp * 1000).toISOString() }
}

/** As git takes it: no signs of its own. */
const nameOf = (author: string) => author.replaceAll(/[<>\p{Cc}]/gu, '').trim() || 'unknown'

type Entry = Awaited<ReturnType<typeof git.readTree>>['tree'][number]

const blobEntry = async (dir: string, path: string, text: string): Promise<Entry> => ({
  mode: '100644',
  path,
  type: 'blob',
  oid: await git.writeBlob({ fs, gitdir: dir, blob: Buffer.from(text) }),
})

/** The entries of a tree, with the trees below it written. */
async function writeTree(dir: string, files: Layout): Promise<Entry[]> {
  const entries: Entry[] = []
  const folders = new Map<string, Layout>()
  for (const [path, text] of files) {
    const at = path.indexOf('/')
    if (at < 0) {
      entries.push(await blobEntry(dir, path, text))
      continue
    }
    const name = path.slice(0, at)
    const inside = folders.get(name) ?? new Map<string, string>()
    inside.set(path.slice(at + 1), text)
    folders.set(name, inside)
  }
  for (const [path, inside] of folders)
    entries.push({ mode: '040000', path, type: 'tree', oid: await git.writeTree({ fs, gitdir: dir, tree: await writeTree(dir, inside) }) })
  return entries
}

/**
 * What the remote has of this branch is ours and further than what is here: another host of this installation was there, or this
 * repository was lost. Then it goes on from there.
 * @throws UserError mirror-foreign
 */
export async function adoptRemote(repository: Repository, head: MirrorHead | undefined, remote: Remote): Promise<MirrorHead | undefined> {
  const { dir, branch } = repository
  // not listServerRefs: it takes the answer of an empty repository for one of protocol 2
  const { refs = [] } = await git.getRemoteInfo2({ http: clientFor(remote), url: remote.url, protocolVersion: 1, ...signIn(remote) })
  const there = refs.find(({ ref }) => ref === refOf(branch))?.oid
  if (there === undefined || there === head?.id) return head
  // without a refspec the library fetches from no address; the address itself is not written down
  await git.setConfig({ fs, gitdir: dir, path: 'remote.origin.fetch', value: '+refs/heads/*:refs/remotes/origin/*' })
  await git.fetch({
    fs,
    http: clientFor(remote),
    gitdir: dir,
    url: remote.url,
    remote: 'origin',
    ref: branch,
    singleBranch: true,
    tags: false,
    ...signIn(remote),
  })
  const theirs = await readHead(repository, there)
  if (head && (theirs.version < head.version || (await git.isDescendent({ fs, gitdir: dir, oid: head.id, ancestor: there, depth: -1 })))) return head
  await git.writeRef({ fs, gitdir: dir, ref: refOf(branch), value: there, force: true })
  return theirs
}

/** @throws UserError, OperationalError of `remote-problems.ts` */
export async function pushTo({ dir, branch }: Repository, remote: Remote): Promise<void> {
  const { ok, error, refs } = await git.push({
    fs,
    http: clientFor(remote),
    gitdir: dir,
    url: remote.url,
    ref: branch,
    remoteRef: refOf(branch),
    ...signIn(remote),
  })
  const refused = error ?? Object.values(refs).find((each) => !each.ok)?.error
  if (!ok || refused) throw new UserError({ code: 'mirror-refused', message: `The remote has refused the commits: ${refused ?? 'it does not say why'}.` })
}

const clientFor = ({ url }: Remote) => (url.startsWith('http:') ? plainHttp : https)

const signIn = ({ userName, token }: Remote) => ({
  onAuth: () => (token === undefined ? { cancel: true } : { username: userName, password: token }),
  // once is enough: a wrong token stays wrong
  onAuthFailure: () => ({ cancel: true }),
})
