/**
 * The browser's part of our forms in the stock editor; built to `resources/stock-editor.js`. Registers a node type
 * from its facts and fills the form that `editor-html.ts` wrote (reference: nodered.org/docs/creating-nodes/properties).
 */

/** A field as the declaration has it, without its schema. */
interface FieldFacts {
  widget: string
  title: string
  isOptional: boolean
  sources?: string[]
  picks?: string
  configType?: string
  type?: string
  minimum?: number
  maximum?: number
  minLength?: number
  pattern?: string
  labels?: Record<string, string>
  when?: { field: string; is: string[] }
  items?: { properties?: Record<string, { title?: string; enum?: string[]; default?: unknown }>; required?: string[] }
}

export interface NodeFacts {
  type: string
  isConfig: boolean
  category: string
  color: string
  icon: string
  label: string
  labelFrom?: string
  inputs: 0 | 1
  outputLabels: string[]
  /** Stored properties of a new node. */
  defaults: Record<string, unknown>
  fields: Record<string, FieldFacts>
}

/** The little of jQuery and its widgets that is used here. */
interface Query {
  typedInput(options: { default?: string; types: unknown[]; typeField: Query }): Query
  editableList(options: Record<string, unknown>): Query
  editableList(command: 'addItem', item: unknown): Query
  editableList(command: 'items'): { each(visit: (index: number, element: unknown) => void): void }
  prop(name: string, value: boolean): Query
  is(selector: string): boolean
  val(): string
  val(value: string): Query
  find(selector: string): Query
  each(visit: (index: number, element: unknown) => void): Query
  append(child: Query): Query
  appendTo(parent: Query): Query
  attr(values: Record<string, string>): Query
  css(values: Record<string, string>): Query
  text(text: string): Query
  empty(): Query
  closest(selector: string): Query
  toggle(isShown: boolean): Query
  on(event: string, listener: () => void): Query
}
declare const $: ((target: unknown) => Query) & { getJSON(url: string, then: (rows: { id: string; name: string }[]) => void): void }
declare const RED: { nodes: { registerType(type: string, definition: Record<string, unknown>): void } }

type EditedNode = Record<string, unknown> & { name?: string }

/** Registers a node type in the stock editor. */
function cellwrightNode(facts: NodeFacts): void {
  const { type, isConfig, category, color, icon, label, labelFrom, inputs, outputLabels, fields } = facts
  const prefix = isConfig ? '#node-config-input-' : '#node-input-'
  const labelOf = (node: EditedNode) => {
    const value = labelFrom === undefined ? '' : String(node[labelFrom] ?? '')
    return node.name || fields[labelFrom ?? '']?.labels?.[value] || value || label
  }
  RED.nodes.registerType(type, {
    category,
    defaults: Object.fromEntries(
      Object.entries(facts.defaults).map(([key, value]) => {
        const field = fields[key]
        return [key, field ? { value, ...rulesOf(field, `${prefix}${key}Type`, key) } : { value }]
      }),
    ),
    paletteLabel: label,
    label(this: EditedNode) {
      return labelOf(this)
    },
    labelStyle(this: EditedNode) {
      return this.name ? 'node_label_italic' : ''
    },
    ...(isConfig ? {} : { color, icon, inputs, outputs: outputLabels.length, outputLabels }),
    oneditprepare(this: EditedNode) {
      // a flow made elsewhere may leave defaults out; the form shows what the node would use
      for (const [key, value] of Object.entries(facts.defaults)) {
        if (this[key] === undefined && typeof value !== 'object' && value !== '') $(prefix + key).val(String(value))
      }
      for (const [key, field] of Object.entries(fields)) {
        const value = this[key] ?? facts.defaults[key]
        prepare({ value, field, input: $(prefix + key), selector: prefix + key })
        if (field.when) showWhen(field.when, prefix, prefix + key)
      }
    },
    oneditsave(this: EditedNode) {
      for (const [key, field] of Object.entries(fields)) {
        if (field.widget === 'checkboxes') this[key] = chosen(`${prefix}${key}-set`)
        if (field.widget === 'rows') this[key] = rowsIn(`${prefix}${key}-rows`)
      }
    },
  })
}

function rulesOf(field: FieldFacts, typeSelector: string, key: string): Record<string, unknown> {
  if (field.widget === 'config-node') return { type: field.configType, required: !field.isOptional }
  if (field.widget === 'rows' || field.widget === 'checkbox') return {}
  return {
    required: !mayBeEmpty(field),
    validate(this: EditedNode, value: unknown) {
      // in the open form the source is in the hidden input, otherwise in the node
      const source = field.widget === 'message-value' ? $(typeSelector).val() || this[`${key}Type`] : undefined
      return problemOf(field, value, source) ?? true
    },
  }
}

const mayBeEmpty = (field: FieldFacts): boolean => field.isOptional || (field.widget === 'text' && !field.minLength)

/** What is wrong with a value, in words; the server checks again at deploy. */
function problemOf(field: FieldFacts, value: unknown, source: unknown): string | undefined {
  if (field.widget === 'checkboxes') return Array.isArray(value) && value.length === 0 ? `${field.title}: choose at least one` : undefined
  const text = String(value ?? '')
  if (/^\$[({][^}]+[)}]$/.test(text)) return undefined
  if (text === '') return mayBeEmpty(field) ? undefined : `${field.title} is missing`
  if (source === 'num' && !Number.isFinite(Number(text))) return `${field.title} must be a number`
  if (field.widget === 'number') {
    const number = Number(text)
    if (Number.isNaN(number) || (field.type === 'integer' && !Number.isInteger(number)))
      return `${field.title} must be a ${field.type === 'integer' ? 'whole ' : ''}number`
    if (field.minimum !== undefined && number < field.minimum) return `${field.title} must be at least ${field.minimum}`
    if (field.maximum !== undefined && number > field.maximum) return `${field.title} must be at most ${field.maximum}`
  }
  if (field.pattern && field.widget === 'text' && !new RegExp(field.pattern).test(text)) return `${field.title} is not valid`
  return undefined
}

function prepare({ value, field, input, selector }: { value: unknown; field: FieldFacts; input: Query; selector: string }): void {
  switch (field.widget) {
    case 'message-value': {
      const types = (field.sources ?? []).map((source) => (source === 'str' && field.picks ? pickedText(field.picks) : source))
      input.typedInput({ types, typeField: $(`${selector}Type`) })
      return
    }
    case 'machine':
    case 'program':
    case 'connection':
    case 'quality-characteristic':
    case 'sampling-plan':
    case 'gage-study':
      list(field.widget, (rows) => {
        const options = $(`${selector}-list`).empty()
        for (const { id, name } of rows) options.append($('<option>').attr({ value: id }).text(name))
      })
      return
    case 'checkboxes': {
      const values: unknown[] = Array.isArray(value) ? value : []
      $(`${selector}-set`)
        .find('input')
        .each((_index, element) => void $(element).prop('checked', values.includes($(element).val())))
      return
    }
    case 'rows': {
      const rows = $(`${selector}-rows`).editableList({
        addItem: (container: Query, _index: number, row: Record<string, unknown>) => addRow(container, field, row),
        removable: true,
        sortable: true,
      })
      for (const row of Array.isArray(value) ? (value as unknown[]) : []) rows.editableList('addItem', row)
      return
    }
    default:
  }
}

/** A row is there while the choice it belongs to has one of its values. */
function showWhen({ field, is }: { field: string; is: string[] }, prefix: string, selector: string): void {
  const choice = $(prefix + field)
  const show = () => void $(selector).closest('.form-row').toggle(is.includes(choice.val()))
  choice.on('change', show)
  show()
}

function list(what: string, then: (rows: { id: string; name: string }[]) => void): void {
  $.getJSON(`cellwright/${what}s`, then)
}

/** A typedInput type for a literal text that suggests the names of the list. */
function pickedText(what: string): Record<string, unknown> {
  return {
    value: 'str',
    label: what,
    icon: 'red/images/typedInput/az.svg',
    autoComplete: (typed: string, done: (suggestions: { value: string; label: string }[]) => void) => {
      list(what, (rows) => done(rows.filter(({ name }) => name.toLowerCase().includes(typed.toLowerCase())).map(({ name }) => ({ value: name, label: name }))))
    },
  }
}

function addRow(container: Query, field: FieldFacts, row: Record<string, unknown>): void {
  container.css({ display: 'flex', gap: '4px' })
  for (const [key, cell] of Object.entries(field.items?.properties ?? {})) {
    const value = String(row[key] ?? cell.default ?? '')
    const input = cell.enum ? $('<select>') : $('<input type="text">')
    for (const choice of cell.enum ?? []) input.append($('<option>').attr({ value: choice }).text(choice))
    input
      .attr({ 'data-key': key, placeholder: cell.title ?? key, 'aria-label': cell.title ?? key })
      .css({ flex: '1', minWidth: '60px', width: 'auto' })
      .val(value)
      .appendTo(container)
  }
}

function rowsIn(selector: string): Record<string, string>[] {
  const rows: Record<string, string>[] = []
  $(selector)
    .editableList('items')
    .each((_index, element) => {
      const row: Record<string, string> = {}
      $(element)
        .find('[data-key]')
        .each((_cell, cell) => {
          const value = $(cell).val()
          const key = (cell as { dataset: { key: string } }).dataset.key
          if (value !== '') row[key] = value
        })
      rows.push(row)
    })
  return rows
}

function chosen(selector: string): string[] {
  const values: string[] = []
  $(selector)
    .find('input')
    .each((_index, element) => {
      if ($(element).is(':checked')) values.push($(element).val())
    })
  return values
}

Object.assign(globalThis, { cellwrightNode })
