/** Characteristics with their measurements in the Q-DAS ASCII transfer format (AQDEF): files `.dfq`, or the pair `.dfd` and `.dfx`. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'

const tag = 'quality'
const Flag = Type.Boolean({ default: false })

export const exportAqdef = route({
  id: 'exportAqdef',
  method: 'get',
  path: '/api/quality/aqdef',
  access: 'quality.view',
  tag,
  summary: 'Characteristics with their measurements as an AQDEF file.',
  query: Type.Object({
    /** Ids, separated by commas; at most 50. */
    ids: Type.String({ minLength: 1, maxLength: 4000 }),
    /** `all`: one file `.dfq`; `description`: `.dfd`; `values`: `.dfx`, which belongs to the description of the same characteristics. */
    content: Type.Enum(['all', 'description', 'values'], { default: 'all' }),
    /** `utf-8` begins with a byte order mark; `windows-1252` is what older systems read, with `?` for what it has not. */
    encoding: Type.Enum(['utf-8', 'windows-1252'], { default: 'utf-8' }),
    /** The newest of each characteristic. */
    last: Type.Integer({ minimum: 1, maximum: 100_000, default: 10_000 }),
  }),
  response: Type.Unknown({ description: 'text/plain' }),
  rawResponse: true,
  errors: ['characteristic-not-found', 'aqdef-too-long'],
})

/** Something in the file that was not taken, by its line. */
export const AqdefProblem = Type.Object({ line: Type.Integer(), code: Type.String(), text: Type.String() })
export type AqdefProblem = Static<typeof AqdefProblem>

export const AqdefImport = Type.Object({
  characteristics: Type.Array(
    Type.Object({
      /** Its number in the file, and where it is described. */
      index: Type.Integer(),
      line: Type.Integer(),
      name: Type.String(),
      part: Type.Optional(Type.String()),
      /** `matched`: the same name, part and unit are there. `made`: added to the list. `new`: would be added. `refused`: see the problems. */
      state: Type.Enum(['matched', 'made', 'new', 'refused']),
      id: Type.Optional(Type.String()),
      values: Type.Integer(),
      entered: Type.Integer(),
      /** Entered by an earlier import of the same file. */
      repeated: Type.Integer(),
    }),
  ),
  /** The first 200. */
  problems: Type.Array(AqdefProblem),
  problemCount: Type.Integer(),
})
export type AqdefImport = Static<typeof AqdefImport>

export const importAqdef = route({
  id: 'importAqdef',
  method: 'post',
  path: '/api/quality/aqdef',
  access: 'quality.edit',
  tag,
  summary:
    'Takes over an AQDEF file: characteristics are matched by name, part and unit, or added; values are entered as imported. Twice the same file is once.',
  query: Type.Object({
    /** Only says what would happen. */
    dryRun: Flag,
    /** What cannot be taken is left out and named; otherwise a file with anything like it is refused whole, before anything is entered. */
    partly: Flag,
  }),
  rawBody: true,
  maxBodyBytes: 10_000_000,
  response: AqdefImport,
  errors: ['aqdef-invalid', 'aqdef-too-long', 'aqdef-busy'],
})
