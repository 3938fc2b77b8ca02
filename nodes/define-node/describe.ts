/** A node type as the product's palette and forms see it; `declarations.json` of the built module is a list of these. */
import { FAMILIES, isConfigNode, type NodeDeclaration } from './declare.ts'
import { fieldsOf } from './schema.ts'
import { defaultsOf, storedSchema } from './stored-schema.ts'

/** One entry of `declarations.json`. */
export interface NodeDescription {
  type: string
  family: string
  label: string
  summary: string
  isConfig: boolean
  inputs: number
  outputs: number
  outputLabels: string[]
  /** A line drawing as a data URI; its colour is currentColor, so that it can be a mask. */
  icon: string
  color: string
  defaults: Record<string, unknown>
  /** JSON schema of the stored properties, with our annotations (stored-schema.ts). */
  configSchema: unknown
  /** Properties that hold the id of a config node, with that node's type. */
  references: Record<string, string>
  helpHtml: string
  /** The help page in German, where there is one; the other words are translated in the page. */
  german?: { helpHtml: string }
  /** A flow that shows it at work, to be imported. */
  example?: unknown[]
  /** It is of earlier flows: a deploy makes this type of it. */
  replacedBy?: string
}

export function describeNode(
  declaration: NodeDeclaration,
  { iconSvg, helpHtml, germanHelpHtml, example }: { iconSvg: string; helpHtml: string; germanHelpHtml?: string | undefined; example?: unknown[] | undefined },
): NodeDescription {
  const { type, family, label, summary, replacedBy } = declaration
  const fields = fieldsOf(declaration.config)
  const outputLabels = isConfigNode(declaration) ? [] : [...declaration.outputs]
  return {
    type,
    family,
    label,
    summary,
    isConfig: isConfigNode(declaration),
    inputs: isConfigNode(declaration) ? 0 : declaration.inputs,
    outputs: outputLabels.length,
    outputLabels,
    icon: `data:image/svg+xml,${encodeURIComponent(iconSvg.trim().replaceAll('#fff', 'currentColor'))}`,
    color: FAMILIES[family].color,
    defaults: defaultsOf(fields),
    configSchema: storedSchema(fields),
    references: Object.fromEntries(fields.flatMap(([key, field]) => (field.widget === 'config-node' ? [[key, field.configType]] : []))),
    helpHtml,
    ...(germanHelpHtml === undefined ? {} : { german: { helpHtml: germanHelpHtml } }),
    ...(example === undefined ? {} : { example }),
    ...(replacedBy === undefined ? {} : { replacedBy }),
  }
}
