/**
 * G-code that goes along with the flows that run it, by the hash of its content. What stands here under the same name with another
 * content is never replaced without a word: it would run at the next start.
 */
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { UserError } from '../../../base/errors.ts'
import type { PromotedProgram, PromotionPreview, PromotionReference, ResolvedReference } from '../../api/index.ts'
import type { ProgramLibrary } from '../../machines/index.ts'
import type { Files } from '../../templates/archive/limits.ts'
import { refused } from '../../templates/archive/limits.ts'
import { hashOf } from '../../templates/seal.ts'
import type { ShopThings } from './references.ts'

/** Of one program, and of all together: a file of a promotion has 10 MB, and G-code packs to a third. */
const MOST_BYTES = 8_000_000
const MOST_BYTES_TOGETHER = 20_000_000
const FILE = /^programs\/([0-9a-f]{64})\.nc$/

const isProgram = ({ kind, sha256 }: PromotionReference) => kind === 'program' && sha256 !== undefined
export const programName = ({ name, value }: PromotionReference): string => name ?? value

/** What of the programs that flows name goes along: each content once, the small ones first. */
export async function programsFor(
  references: readonly PromotionReference[],
  { all, path }: Pick<ProgramLibrary, 'all' | 'path'>,
): Promise<{ files: Map<string, Buffer>; programs: PromotedProgram[] }> {
  const sizes = new Map((await all()).map(({ sha256, bytes }) => [sha256, bytes]))
  const wanted = references.filter((reference) => reference.kind === 'program')
  const files = new Map<string, Buffer>()
  const goes = new Set<string>()
  let together = 0
  for (const sha256 of [...new Set(wanted.flatMap((each) => each.sha256 ?? []))].toSorted((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0))) {
    const bytes = sizes.get(sha256) ?? Number.POSITIVE_INFINITY
    if (bytes > MOST_BYTES || together + bytes > MOST_BYTES_TOGETHER) continue
    together += bytes
    goes.add(sha256)
    files.set(`programs/${sha256}.nc`, await readFile(path(sha256)))
  }
  return {
    files,
    programs: wanted.map((each) => ({
      name: programName(each),
      ...(each.sha256 === undefined ? {} : { bytes: sizes.get(each.sha256) ?? 0 }),
      goes: each.sha256 === undefined ? 'not-here' : goes.has(each.sha256) ? 'along' : 'too-large',
    })),
  }
}

/**
 * Programs of a file, by their hash.
 * @throws UserError template-refused when a content is not what its name says, or nothing in it names the program
 */
export async function readPrograms(files: Files, references: readonly PromotionReference[]): Promise<Map<string, Buffer>> {
  const named = new Set(references.filter(isProgram).map(({ sha256 }) => sha256))
  const found = new Map<string, Buffer>()
  for (const [file, content] of files) {
    const sha256 = FILE.exec(file)?.[1]
    if (sha256 === undefined) continue
    if (!named.has(sha256)) throw refused(`${file} is a program that none of its flows names.`, { file, why: 'programs' })
    if ((await hashOf(content)) !== sha256) throw refused(`${file} has another content than its name says.`, { file, why: 'hash-wrong' })
    found.set(sha256, content)
  }
  return found
}

/** To be stored under its name. */
export interface ProgramToStore {
  name: string
  sha256: string
  /** What stood under the name when somebody said yes. */
  basedOn: string | undefined
}

export interface PlannedPrograms {
  choices: PromotionPreview['programs']
  store: ProgramToStore[]
  /** What the flows name then, by the key of the reference. */
  values: Map<string, string>
}

/**
 * @param before name to hash, as the last promotion from there left them
 * @param carried hashes that are in the file
 */
export function planPrograms(
  references: readonly ResolvedReference[],
  {
    things,
    carried,
    before,
    decisions,
    mayStore,
  }: {
    things: Pick<ShopThings, 'programs'>
    carried: ReadonlySet<string>
    before: ReadonlyMap<string, string>
    decisions: Readonly<Record<string, 'ours' | 'theirs'>>
    mayStore: boolean
  },
): PlannedPrograms {
  const planned: PlannedPrograms = { choices: [], store: [], values: new Map() }
  for (const { key, reference, value, how } of references) {
    if (reference.kind !== 'program') continue
    const name = programName(reference)
    const { sha256 } = reference
    const here = how === 'gone' ? undefined : things.programs.find((each) => each.id === value || each.name === value)
    // somebody said that another program stands for it here
    if (here && here.name !== name && (how === 'chosen' || how === 'remembered')) continue
    const isIn = sha256 !== undefined && carried.has(sha256)
    const state = !here
      ? isIn
        ? 'new'
        : 'missing'
      : sha256 === undefined || here.sha256 === sha256
        ? 'same'
        : before.get(name) === here.sha256
          ? 'changed'
          : 'differs'
    const canTake = isIn && mayStore
    const said = decisions[key]
    const usual = state === 'same' || state === 'missing' ? 'ours' : canTake && state !== 'differs' ? 'theirs' : here ? undefined : 'ours'
    const decision = said === 'theirs' && !canTake ? usual : state === 'same' || state === 'missing' ? 'ours' : (said ?? usual)
    planned.choices.push({ key, name, state, isIn, canTake, ...(decision === undefined ? {} : { decision }) })
    if (decision !== 'theirs' || sha256 === undefined) continue
    planned.store.push({ name, sha256, basedOn: here?.sha256 })
    // by its name the newest content is meant; an id would go on naming the one that was here
    planned.values.set(key, name)
  }
  return planned
}

type Library = Pick<ProgramLibrary, 'find' | 'upload' | 'remove'>

/**
 * Stores programs as the newest of their names.
 * @returns how to take that back
 * @throws UserError promotion-program when something else has come under the name meanwhile; nothing is stored then
 */
export async function storePrograms(
  library: Library,
  wanted: readonly ProgramToStore[],
  { contents, by, tell }: { contents: ReadonlyMap<string, Buffer>; by: string; tell: (stored: { id: string; name: string; sha256: string }) => void },
): Promise<() => Promise<void>> {
  const stored: string[] = []
  const undo = async () => {
    for (const id of stored.toReversed()) await library.remove(id)
  }
  try {
    for (const { name, sha256, basedOn } of wanted) {
      const now = await hashHere(library, name)
      if (now === sha256) continue
      const content = contents.get(sha256)
      if (now !== basedOn || !content)
        throw new UserError({
          code: 'promotion-program',
          status: 409,
          message: content
            ? `The program "${name}" was changed here meanwhile. Nothing was replaced: look at the promotion again.`
            : `The program "${name}" is not in the file. Upload it on the page of programs.`,
        })
      const { id } = await library.upload({ name, content: Readable.from([content]), maxBytes: MOST_BYTES, by })
      stored.push(id)
      tell({ id, name, sha256 })
    }
  } catch (error) {
    await undo()
    throw error
  }
  return undo
}

async function hashHere({ find }: Pick<Library, 'find'>, name: string): Promise<string | undefined> {
  try {
    return (await find(name)).sha256
  } catch (error) {
    if (error instanceof UserError && error.code === 'program-not-found') return undefined
    throw error
  }
}
