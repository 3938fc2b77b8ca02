/**
 * The stock editor's HTML of a node: the form (`data-template-name`), the help (`data-help-name`) and the call that
 * registers it. What the form does in the browser is `stock-editor.ts`, served beside it.
 */
import { FAMILIES, isConfigNode, type NodeDeclaration } from './declare.ts'
import { type Field, fieldsOf } from './schema.ts'
import type { NodeFacts } from './stock-editor.ts'
import { defaultsOf } from './stored-schema.ts'

/** Where Node-RED serves the module's resources folder (@node-red/editor-api lib/editor/index.js). */
export const FORMS_SCRIPT = 'stock-editor.js'

/**
 * @param options.module the npm name of the module the node is in
 * @param options.helpHtml the help page
 */
export function editorHtml(declaration: NodeDeclaration, { module, helpHtml }: { module: string; helpHtml: string }): string {
  const { type } = declaration
  return [
    `<script type="text/html" data-template-name="${type}">`,
    ...formRows(declaration),
    '</script>',
    `<script type="text/html" data-help-name="${type}">`,
    withoutScriptEnd(helpHtml.trim()),
    '</script>',
    `<script src="resources/${module}/${FORMS_SCRIPT}"></script>`,
    '<script type="text/javascript">',
    `cellwrightNode(${forScript(nodeFacts(declaration))})`,
    '</script>',
    '',
  ].join('\n')
}

/** What the browser's part of the form needs to know. */
function nodeFacts(declaration: NodeDeclaration): NodeFacts {
  const { type, family, label, icon, labelFrom } = declaration
  const fields = fieldsOf(declaration.config)
  const defaults = defaultsOf(fields)
  const isConfig = isConfigNode(declaration)
  return {
    type,
    isConfig,
    category: isConfig ? 'config' : `cellwright ${FAMILIES[family].label}`,
    color: FAMILIES[family].color,
    icon: `${icon}.svg`,
    label,
    ...(labelFrom === undefined ? {} : { labelFrom }),
    inputs: isConfig ? 0 : declaration.inputs,
    outputLabels: isConfig ? [] : [...declaration.outputs],
    defaults,
    fields: Object.fromEntries(fields.map(([key, field]) => [key, forBrowser(field)])),
  }
}

/** A field without its TypeBox parts. */
function forBrowser(field: Field): NodeFacts['fields'][string] {
  if (field.widget !== 'message-value') return JSON.parse(JSON.stringify(field))
  const { of: _of, ...rest } = field
  return JSON.parse(JSON.stringify(rest))
}

function formRows(declaration: NodeDeclaration): string[] {
  const prefix = isConfigNode(declaration) ? 'node-config-input' : 'node-input'
  const name = `<div class="form-row"><label for="${prefix}-name">Name</label><input type="text" id="${prefix}-name" placeholder="${escapeHtml(declaration.label)}"></div>`
  return [name, ...fieldsOf(declaration.config).map(([key, field]) => formRow(`${prefix}-${key}`, field))]
}

function formRow(id: string, field: Field): string {
  const top = field.widget === 'checkboxes' || field.widget === 'rows' ? ' style="vertical-align:top"' : ''
  const label = `<label for="${id}"${top}>${escapeHtml(field.title)}</label>`
  const help = field.help ? `<div style="margin:2px 0 0 104px; font-size:12px; opacity:0.75">${escapeHtml(field.help)}</div>` : ''
  return `<div class="form-row">${label}${control(id, field)}${help}</div>`
}

function control(id: string, field: Field): string {
  const placeholder = field.placeholder ? ` placeholder="${escapeHtml(field.placeholder)}"` : ''
  const unit = field.unit ? ` <span>${escapeHtml(field.unit)}</span>` : ''
  switch (field.widget) {
    case 'message-value':
      return `<input type="text" id="${id}" style="width:70%"${placeholder}><input type="hidden" id="${id}Type">`
    case 'config-node':
      return `<input type="text" id="${id}">`
    case 'machine':
    case 'program':
    case 'connection':
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
      return `<input type="text" id="${id}" list="${id}-list" autocomplete="off"${placeholder}><datalist id="${id}-list"></datalist>`
    case 'select':
      return `<select id="${id}" style="width:70%">${field.enum.map((value) => option(value, field.labels[value])).join('')}</select>`
    case 'checkboxes':
      return `<div id="${id}-set" style="display:inline-block; width:70%">${field.items.enum
        .map(
          (value) =>
            `<label style="width:auto; display:block"><input type="checkbox" value="${escapeHtml(value)}" style="width:auto; margin:0 6px 0 0">${escapeHtml(field.labels[value] ?? value)}</label>`,
        )
        .join('')}</div>`
    case 'number':
      return `<input type="number" id="${id}" style="width:160px"${bounds(field)}${placeholder}>${unit}`
    case 'checkbox':
      return `<input type="checkbox" id="${id}" style="width:auto">`
    case 'rows':
      return `<ol id="${id}-rows"></ol>`
    case 'text':
      return `<input type="text" id="${id}"${field.maxLength === undefined ? '' : ` maxlength="${field.maxLength}"`}${placeholder}>${unit}`
  }
}

const option = (value: string, label = value): string => `<option value="${escapeHtml(value)}">${escapeHtml(label)}</option>`

function bounds(field: Field & { widget: 'number' }): string {
  const min = field.minimum === undefined ? '' : ` min="${field.minimum}"`
  const max = field.maximum === undefined ? '' : ` max="${field.maximum}"`
  return `${min}${max} step="${field.type === 'integer' ? '1' : 'any'}"`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** JSON that cannot end the script element it stands in. */
const forScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const withoutScriptEnd = (html: string): string => html.replace(/<\/script/gi, '&lt;/script')
