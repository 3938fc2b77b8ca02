/** Flow templates: `flows/<name>/` with `template.json` and `flow.json`, parameters filled in at import. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { type FlowNode, Flows, TemplateInfo } from '../api/index.ts'

const templateFile = checker(Type.Object({ ...TemplateInfo.properties, needs: Type.Object({ nodeTypes: Type.Array(Type.String()) }) }))
const flowFile = checker(Flows)

export interface Template {
  info: TemplateInfo
  flow: FlowNode[]
  dir: string
}

/**
 * Reads a template's folder.
 * @throws UserError `invalid-input` naming what is wrong in which file
 */
export async function readTemplate(dir: string): Promise<Template> {
  const json = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(dir, name), 'utf8'))
  const info = templateFile.parse(await json('template.json'), join(dir, 'template.json'))
  const flow = flowFile.parse(await json('flow.json'), join(dir, 'flow.json')) as FlowNode[]
  return { info, flow, dir }
}

/**
 * The template's nodes with its parameters filled in and ids of their own, ready to be added to flows.
 * `"{{key}}"` as a whole string becomes the value with its type; inside a longer string it becomes text.
 * @throws UserError `parameter-missing`
 */
export function fillTemplate({ info, flow }: Template, given: Record<string, unknown>): FlowNode[] {
  const values = new Map(info.parameters.map(({ key, default: usual }) => [key, given[key] ?? usual]))
  const missing = info.parameters.filter(({ key }) => values.get(key) === undefined)
  if (missing.length)
    throw new UserError({
      code: 'parameter-missing',
      message: `The template "${info.name}" needs a value for ${missing.map(({ label }) => label).join(', ')}.`,
    })
  const ids = new Map(flow.map(({ id }) => [id, randomBytes(8).toString('hex')]))
  const fillText = (text: string): unknown => {
    const known = ids.get(text)
    if (known) return known
    const whole = /^\{\{(\w+)\}\}$/.exec(text)
    if (whole?.[1] && values.has(whole[1])) return values.get(whole[1])
    return text.replaceAll(/\{\{(\w+)\}\}/g, (placeholder, key: string) => (values.has(key) ? String(values.get(key)) : placeholder))
  }
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return fillText(value)
    if (Array.isArray(value)) return value.map(fill)
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]))
    return value
  }
  return flow.map((node) => fill(node) as FlowNode)
}
