/**
 * The process that keeps the git mirror: packing and hashing would hold up the gateway's loop. One question as one line of JSON on
 * standard input, one answer on standard output (server/machines/helper-process.ts). The token comes over that pipe alone.
 */
import { messageOf, OperationalError, toErrorMessage, UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { type MirrorAnswer, MirrorQuestion } from './question.ts'
import { addCommit, adoptRemote, headOf, openRepository, pushTo } from './repository.ts'

const question = checker(MirrorQuestion)
const LINE_END = 10

async function answer(asked: unknown): Promise<MirrorAnswer> {
  const { commits, secrets, remote, ...repository } = question.parse(asked, 'The question to the mirror')
  await openRepository(repository)
  let head = await headOf(repository)
  let pushError: MirrorAnswer['pushError']
  // nothing here yet: it may be there already. Where that cannot be told, the same versions make the same commits here
  if (!head && remote)
    try {
      head = await adoptRemote(repository, head, remote)
    } catch (error) {
      pushError = problemOf(error)
    }
  for (const commit of commits) {
    // told twice, or adopted
    if (commit.flows && head && commit.flows.number <= head.version) continue
    head = await addCommit(repository, head, commit, secrets)
  }
  if (!remote || !head || pushError) return { ...(head ? { head } : {}), ...(pushError ? { pushError } : {}) }
  try {
    await pushTo(repository, remote)
    return { head, pushed: head.id }
  } catch (error) {
    const problem = problemOf(error)
    if (problem.code !== 'mirror-behind') return { head, pushError: problem }
  }
  try {
    const adopted = await adoptRemote(repository, head, remote)
    const isOurs = adopted?.id === head.id
    return {
      ...(adopted ? { head: adopted } : {}),
      ...(isOurs
        ? { pushError: { code: 'mirror-behind', message: 'The remote holds other commits than this mirror. Name an empty repository, or another branch.' } }
        : adopted
          ? { pushed: adopted.id }
          : {}),
    }
  } catch (error) {
    return { head, pushError: problemOf(error) }
  }
}

/** In words, and never with the token: what the library says of a request may hold its address. */
function problemOf(error: unknown): { code: string; message: string } {
  if (error instanceof UserError || error instanceof OperationalError) return { code: error.code, message: error.message }
  const { code, data } = error as { code?: string; data?: { statusCode?: number; reason?: string } }
  switch (code) {
    case 'UserCanceledError':
    case 'HttpError': {
      const status = data?.statusCode
      if (code === 'UserCanceledError' || status === 401 || status === 403)
        return { code: 'mirror-auth', message: 'The remote does not accept the token, or needs one. Enter another one that may write to this repository.' }
      if (status === 404) return { code: 'mirror-not-found', message: 'There is no such repository, or the token may not see it. Look at the address.' }
      return { code: 'mirror-unreachable', message: `The remote answered ${status}.` }
    }
    case 'PushRejectedError':
      return { code: 'mirror-behind', message: 'The remote holds commits that are not here.' }
    case 'GitPushError':
      return { code: 'mirror-refused', message: 'The remote has refused the commits: it may protect this branch.' }
    case 'SmartHttpError':
    case 'ParseError':
      return { code: 'mirror-not-found', message: 'What answers at this address is no git repository.' }
    default:
      return { code: 'mirror-unreachable', message: `The remote cannot be reached: ${code ?? messageOf(error)}.` }
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0))
}

let isAsked = false
const parts: Buffer[] = []
process.stdin.on('data', (chunk: Buffer) => {
  if (isAsked) return
  parts.push(chunk)
  if (!chunk.includes(LINE_END)) return
  isAsked = true
  Promise.resolve()
    .then(() => answer(JSON.parse(Buffer.concat(parts).toString('utf8'))))
    .then(
      (result) => say({ result }),
      (error: unknown) => say({ error: toErrorMessage(error) }),
    )
})
process.stdin.on('end', () => process.exit(0))
process.stdin.on('error', () => process.exit(0))
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', () => process.exit(0))
