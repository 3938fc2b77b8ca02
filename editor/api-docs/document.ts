/** The OpenAPI document as this page reads it: what `server/http/openapi.ts` writes, no more. */
import { ApiError } from '../shared/api.ts'

export interface Schema {
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  additionalProperties?: boolean | Schema
  patternProperties?: Record<string, Schema>
  format?: string
  pattern?: string
  default?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  $ref?: string
}

export interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  schema: Schema
}

type Content = Record<string, { schema: Schema }>

interface DocumentOperation {
  operationId: string
  tags: string[]
  summary: string
  'x-cellwright-access': string
  parameters: Parameter[]
  requestBody?: { required: boolean; content: Content }
  responses: Record<string, { description: string; content?: Content }>
}

/** One thing the API can be asked. */
export interface Operation {
  id: string
  method: string
  /** With `{name}` where a parameter stands. */
  path: string
  tag: string
  summary: string
  /** `public`, `session` or the name of a capability. */
  access: string
  parameters: readonly Parameter[]
  body?: { isRequired: boolean; isFile: boolean; schema: Schema }
  responses: readonly { status: string; description: string; isFile: boolean; schema?: Schema }[]
}

export interface ApiDocument {
  version: string
  operations: readonly Operation[]
  /** What a `$ref` names. */
  schemas: Readonly<Record<string, Schema>>
}

interface RawDocument {
  info: { version: string }
  paths: Record<string, Record<string, DocumentOperation>>
  components: { schemas: Record<string, Schema> }
}

const JSON_TYPE = 'application/json'

function operationOf(path: string, method: string, raw: DocumentOperation): Operation {
  const content = raw.requestBody?.content
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    tag: raw.tags[0] ?? '',
    summary: raw.summary,
    access: raw['x-cellwright-access'],
    parameters: raw.parameters,
    ...(raw.requestBody && content
      ? { body: { isRequired: raw.requestBody.required, isFile: !(JSON_TYPE in content), schema: content[JSON_TYPE]?.schema ?? {} } }
      : {}),
    responses: Object.entries(raw.responses).map(([status, { description, content: answer }]) => {
      const schema = Object.values(answer ?? {})[0]?.schema
      return { status, description, isFile: answer !== undefined && 'text/plain' in answer, ...(schema ? { schema } : {}) }
    }),
  }
}

/** Reads a document. */
function documentOf(raw: RawDocument): ApiDocument {
  return {
    version: raw.info.version,
    operations: Object.entries(raw.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => operationOf(path, method, operation)),
    ),
    schemas: raw.components.schemas,
  }
}

/**
 * Fetches the document of this server.
 * @throws ApiError when the server does not answer with one
 */
export async function loadDocument(): Promise<ApiDocument> {
  const response = await fetch('/api/openapi.json').catch(() => undefined)
  if (!response?.ok) throw new ApiError({ code: 'unreachable', status: response?.status ?? 0, message: response?.statusText ?? '' })
  return documentOf((await response.json()) as RawDocument)
}

/** The operations that have all words of `wanted` in their name, path, summary or group. */
export function found(operations: readonly Operation[], wanted: string): readonly Operation[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  return operations.filter(({ id, method, path, summary, tag }) => {
    const text = `${id} ${method} ${path} ${summary} ${tag}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
