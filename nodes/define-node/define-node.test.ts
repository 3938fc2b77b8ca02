import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { nodeFiles } from '../../build/node-files.ts'
import { checkConfig, configReferences, NODES } from '../index.ts'
import { defineNode } from './declare.ts'
import { describeNode } from './describe.ts'
import { editorHtml } from './editor-html.ts'
import { readConfig } from './read-config.ts'
import { Choice, Choices, ConfigNode, fieldsOf, MessageValue, Picked, Quantity, Rows, Text } from './schema.ts'
import { defaultsOf } from './stored-schema.ts'

const machine = defineNode({
  kind: 'config',
  type: 'cw-test-machine',
  family: 'motion',
  label: 'machine',
  summary: 'A machine.',
  icon: 'machine',
  config: Type.Object({ machineId: Picked('machine', { title: 'Machine' }) }),
})
const common = { type: 'cw-test', family: 'quality', label: 'probe <b>', summary: 'Probes.', icon: 'check', inputs: 1, outputs: ['good', 'bad'] } as const
const probe = defineNode({
  ...common,
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    label: Text({ title: 'Label', minLength: 1, default: '' }),
    mode: Choice(['touch', 'scan'], { title: 'Mode', labels: { touch: 'touch', scan: 'scan a line' }, default: 'touch' }),
    sides: Choices(['left', 'right'], { title: 'Sides', labels: { left: 'left', right: 'right' }, default: ['left'] }),
    feed: Quantity({ title: 'Feed', unit: 'mm/min', minimum: 1, maximum: 500, default: 100 }),
    retries: Type.Optional(Quantity({ title: 'Retries', isWhole: true, minimum: 0 })),
    isQuiet: Type.Boolean({ title: 'Quiet', default: false }),
    value: MessageValue(Type.Number(), { title: 'Value', default: { type: 'msg', value: 'payload' } }),
    note: Type.Optional(MessageValue(Type.String(), { title: 'Note', default: { type: 'str', value: '' } })),
    points: Rows({ x: Type.String({ title: 'X', minLength: 1 }), y: Type.Optional(Type.String({ title: 'Y' })) }, { title: 'Points' }),
  }),
  setup: () => undefined,
})
const good = { machine: 'abc', label: 'a' }

describe('a configuration', () => {
  it('gets its defaults, its numbers from the text of the stock editor, and loses empty optional fields', () => {
    const { config } = readConfig(probe, { ...good, feed: '250.5', retries: '', note: '', points: [{ x: '1', y: '' }], unknown: 1 })
    expect(config).toEqual({
      machine: 'abc',
      label: 'a',
      mode: 'touch',
      sides: ['left'],
      feed: 250.5,
      isQuiet: false,
      value: { value: 'payload', type: 'msg' },
      points: [{ x: '1' }],
    })
  })

  it.each([
    [{ machine: '' }, '/machine', 'Machine is missing.'],
    [{ label: '' }, '/label', 'Label is missing.'],
    [{ mode: 'fly' }, '/mode', 'Mode must be one of: touch, scan.'],
    [{ sides: [] }, '/sides', 'Sides: choose at least one.'],
    [{ sides: ['up'] }, '/sides/0', 'Sides can only be: left, right.'],
    [{ feed: '2,5' }, '/feed', 'Feed must be a number, not "2,5".'],
    [{ feed: '' }, '/feed', 'Feed is missing.'],
    [{ feed: 501 }, '/feed', 'Feed must be <= 500 mm/min.'],
    [{ retries: 1.5 }, '/retries', 'Retries must be integer.'],
    [{ value: 'x', valueType: 'num' }, '/value', 'Value must be a number, not "x".'],
    [{ value: '', valueType: 'msg' }, '/value', 'Value is missing.'],
    [{ value: 'a', valueType: 'bin' }, '/valueType', 'Value cannot be read from there: choose one of num, msg, flow, global, jsonata, env.'],
    [{ points: [{ x: '1' }, { x: '' }] }, '/points/1/x', 'Points, row 2: X is missing.'],
  ])('with %o is refused with the field and a sentence', (change, path, message) => {
    expect(readConfig(probe, { ...good, ...change }).errors).toEqual([{ path, message }])
  })

  it('may leave to the environment what is checked when the node starts', () => {
    const stored = { id: 'a', type: 'cw-check', characteristic: 'bore', nominal: `\${NOMINAL}`, upper: 1 }
    expect(checkConfig('cw-check', stored)).toEqual([])
    expect(checkConfig('cw-check', { ...stored, nominal: 'NOMINAL' })).toEqual([{ path: '/nominal', message: 'Nominal must be a number, not "NOMINAL".' }])
  })

  it('of a type that is not ours has nothing to check', () => {
    expect(checkConfig('inject', { anything: 1 })).toEqual([])
  })

  it('names its config nodes', () => {
    expect(configReferences('cw-run-program')).toEqual([{ property: 'machine', configType: 'cw-machine', isOptional: false }])
    expect(configReferences('cw-button')).toEqual([{ property: 'machine', configType: 'cw-machine', isOptional: true }])
  })
})

describe('a declaration', () => {
  it.each(['id', 'type', 'z', 'x', 'wires', 'name', 'info', '_secret', 'my-prop'])('cannot have a property "%s"', (name) => {
    expect(() => defineNode({ ...common, config: Type.Object({ [name]: Text({ title: 'T' }) }), setup: () => undefined })).toThrow(
      /reserved|not a property name/,
    )
  })

  it('cannot have a property that a message value already uses for its source', () => {
    const config = Type.Object({ a1: MessageValue(Type.String(), { title: 'A', default: { type: 'msg', value: 'a' } }), a1Type: Text({ title: 'T' }) })
    expect(() => defineNode({ ...common, config, setup: () => undefined })).toThrow('"a1Type" is used twice')
  })
})

describe('the HTML for the stock editor', () => {
  const html = editorHtml(probe, { module: '@cellwright/nodes', helpHtml: '<p>Help</p><script>alert(1)</script>' })
  const row = (id: string) => html.split('\n').find((line) => line.includes(`for="node-input-${id}"`)) ?? ''

  it('has the parts that Node-RED looks for', () => {
    expect(html).toContain('data-template-name="cw-test"')
    expect(html).toContain('data-help-name="cw-test"')
    expect(html).toContain('<script src="resources/@cellwright/nodes/stock-editor.js">')
    // the help cannot end its own element
    expect(html.match(/<\/script>/g)).toHaveLength(4)
  })

  it('has the input each field needs', () => {
    expect(row('machine')).toContain('<input type="text" id="node-input-machine">')
    expect(row('mode')).toMatch(/<select id="node-input-mode".*<option value="touch">touch<\/option><option value="scan">scan a line<\/option>/)
    expect(row('sides')).toMatch(/<input type="checkbox" value="left".*<input type="checkbox" value="right"/)
    expect(row('feed')).toMatch(/<input type="number" id="node-input-feed"[^>]* min="1" max="500" step="any">.*mm\/min/)
    expect(row('retries')).toContain('step="1"')
    expect(row('isQuiet')).toContain('<input type="checkbox" id="node-input-isQuiet"')
    expect(row('value')).toMatch(/<input type="text" id="node-input-value".*<input type="hidden" id="node-input-valueType">/)
    expect(row('points')).toContain('<ol id="node-input-points-rows">')
  })

  it('uses the config prefix and the product list for a config node', () => {
    const config = editorHtml(machine, { module: '@cellwright/nodes', helpHtml: '' })
    expect(config).toContain('<input type="text" id="node-config-input-machineId" list="node-config-input-machineId-list"')
    expect(config).toContain('"category":"config"')
  })

  it('lets no text of a declaration out of its place', () => {
    expect(html).toContain('placeholder="probe &lt;b&gt;"')
    expect(html).toContain('probe \\u003cb>')
  })

  it('registers with the stored defaults, the source of a message value apart', () => {
    const facts = JSON.parse(html.match(/cellwrightNode\((.*)\)/)?.[1] ?? '')
    expect(facts).toMatchObject({ inputs: 1, outputLabels: ['good', 'bad'], category: 'cellwright quality' })
    expect(facts.defaults).toMatchObject({ name: '', value: 'payload', valueType: 'msg', mode: 'touch', points: [] })
  })
})

describe('the description for the designer', () => {
  it('has a JSON schema of what is stored, with what a form needs', () => {
    const description = describeNode(probe, { iconSvg: '<svg stroke="#fff"/>', helpHtml: '<p>x</p>' })
    expect(description).toMatchObject({ type: 'cw-test', family: 'quality', inputs: 1, outputs: 2, outputLabels: ['good', 'bad'], isConfig: false })
    const { properties, required } = description.configSchema as { properties: Record<string, object>; required: string[] }
    expect(properties).toMatchObject({
      machine: { widget: 'config-node', configType: 'cw-test-machine', title: 'Machine', order: 1 },
      feed: { widget: 'number', unit: 'mm/min', minimum: 1, maximum: 500 },
      value: { widget: 'message-value', typeProperty: 'valueType', sources: ['num', 'msg', 'flow', 'global', 'jsonata', 'env'], default: 'payload' },
      valueType: { widget: 'hidden', default: 'msg' },
    })
    expect(required).toContain('value')
    expect(required).not.toContain('note')
    expect(description.icon).toContain(encodeURIComponent('stroke="currentColor"'))
  })

  it('is JSON that comes back as it was', () => {
    for (const declaration of NODES) {
      const description = describeNode(declaration, { iconSvg: '', helpHtml: '' })
      expect(JSON.parse(JSON.stringify(description))).toEqual(description)
    }
  })
})

describe('every node of ours', () => {
  it('is in nodes/index.ts', async () => {
    const files = await nodeFiles(`${import.meta.dirname}/..`)
    expect(NODES.map(({ type }) => type).sort()).toEqual([...files.keys()].sort())
  })

  it('has defaults that its own check complains of only for what nobody can guess', () => {
    for (const declaration of NODES) {
      const defaults = defaultsOf(fieldsOf(declaration.config))
      const messages = readConfig(declaration, defaults).errors.map(({ message }) => message)
      expect(messages.filter((message) => !message.endsWith('is missing.'))).toEqual([])
    }
  })
})
