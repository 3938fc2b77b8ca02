/** The schema library's errors in the words of a person: of a union only the branch that was meant, of a pattern its description. */

/** What the schema library tells (typebox/error). */
export interface SchemaError {
  keyword: string
  /** Where in the schema, as a URI fragment: `#/properties/link/anyOf/0`. */
  schemaPath: string
  /** JSON pointer into the value. */
  instancePath: string
  params: object
  message: string
}

/** One thing that is wrong with a value. */
export interface FieldError {
  /** JSON pointer into the value, `''` for the value itself. */
  path: string
  message: string
}

/** A union whose branches are told apart by a constant, at one place of the value. */
interface Choice {
  /** Schema path before `/anyOf/`. */
  union: string
  /** Instance path of the value that should match one branch. */
  at: string
  /** The property that tells the branches apart. */
  property: string
  /** What that property may be, by branch. */
  wanted: Map<string, unknown>
}

const lastSlash = (path: string) => path.lastIndexOf('/')
const isBelow = (path: string, parent: string) => path === parent || path.startsWith(`${parent}/`)

/** Places where branches were refused because their constant (`kind`, `type`) is another one. */
function choicesIn(errors: readonly SchemaError[]): Choice[] {
  const choices = new Map<string, Choice>()
  for (const { keyword, schemaPath, instancePath, params } of errors) {
    const found = keyword === 'const' ? /^(.*)\/anyOf\/(\d+)\/properties\/([^/]+)$/.exec(schemaPath) : null
    if (!found) continue
    const [, union = '', branch = '', property = ''] = found
    const at = instancePath.slice(0, lastSlash(instancePath))
    const key = `${union} ${at}`
    const choice = choices.get(key) ?? { union, at, property, wanted: new Map<string, unknown>() }
    choice.wanted.set(branch, (params as { allowedValue?: unknown }).allowedValue)
    choices.set(key, choice)
  }
  return [...choices.values()]
}

function branchOf({ schemaPath, instancePath }: SchemaError, { union, at }: Choice): string | undefined {
  if (!schemaPath.startsWith(`${union}/anyOf/`) || !isBelow(instancePath, at)) return undefined
  return schemaPath.slice(union.length + '/anyOf/'.length).split('/')[0]
}

function descriptionAt(schema: unknown, schemaPath: string): string | undefined {
  let part = schema
  for (const step of schemaPath.split('/').slice(1)) {
    if (typeof part !== 'object' || part === null) return undefined
    part = (part as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  const description = (part as { description?: unknown } | undefined)?.description
  return typeof description === 'string' ? description : undefined
}

function wordsFor({ keyword, schemaPath, params, message }: SchemaError, schema: unknown): string {
  if (keyword === 'additionalProperties') return `${message}: ${[(params as { additionalProperties: string[] }).additionalProperties].flat().join(', ')}`
  const description = keyword === 'pattern' ? descriptionAt(schema, schemaPath) : undefined
  return description === undefined ? message : `${message} (${description})`
}

/** @param schema the schema that was checked against, for its descriptions */
export function fieldErrors(errors: readonly SchemaError[], schema: unknown): FieldError[] {
  let left = [...errors]
  const found: FieldError[] = []
  for (const choice of choicesIn(errors)) {
    const meant = left.filter((error) => {
      const branch = branchOf(error, choice)
      return branch !== undefined && !choice.wanted.has(branch)
    })
    left = left.filter((error) => {
      const branch = branchOf(error, choice)
      const isTheUnionItself = error.keyword === 'anyOf' && error.schemaPath === choice.union && error.instancePath === choice.at
      return branch === undefined ? !isTheUnionItself : !choice.wanted.has(branch)
    })
    if (!meant.length) {
      const allowed = [...choice.wanted.values()].map((value) => JSON.stringify(value)).join(', ')
      found.push({ path: `${choice.at}/${choice.property}`, message: `must be ${choice.wanted.size > 1 ? 'one of ' : ''}${allowed}` })
    }
  }
  for (const error of left) {
    // `boolean` repeats what `additionalProperties` says of the same key
    if (error.keyword === 'boolean') continue
    found.push({ path: error.instancePath, message: wordsFor(error, schema) })
  }
  return found
}
