import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { NODES } from '../../nodes/index.ts'
import type { FlowNode, TemplateManifest } from '../api/index.ts'
import { readFolder } from './folder.ts'
import { make } from './make.ts'
import { parameterProblems, withDefaults } from './parameters.ts'
import { readTemplate, type TemplateContent } from './read-template.ts'

const flows = join(import.meta.dirname, '..', '..', 'flows')
const references = (type: string) =>
  Object.entries(NODES.find((each) => each.type === type)?.config.properties ?? {}).flatMap(([key, schema]) =>
    (schema as { widget?: string }).widget === 'config-node' ? [key] : [],
  )
const madeOf = (content: TemplateContent, parameters: Record<string, unknown>, n = 1) =>
  make(content, { importId: 'imp_1', parameters: withDefaults(content.manifest.parameters, parameters), n, references })
const cut = async () => readTemplate(await readFolder(join(flows, 'cut-a-part')))
const given = { machine: 'demo-mill', connection: 'con_1' }

describe('a filled template', () => {
  test('has its parameters with their types, and no placeholder', async () => {
    const { nodes } = madeOf(await cut(), given)
    expect(nodes.find(({ type }) => type === 'cw-machine')).toMatchObject({ machineId: 'demo-mill' })
    expect(nodes.find(({ type }) => type === 'cw-measure')).toMatchObject({ nominal: 42, upper: 0.025, characteristic: 'bearing seat diameter' })
    expect(JSON.stringify(nodes)).not.toContain('{{')
  })

  test('has ids of its own, and wires, tabs and references that follow them', async () => {
    const content = await cut()
    const [first, second] = [madeOf(content, given).nodes, madeOf(content, given, 2).nodes]
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(content.flow.length * 2)
    const machine = first.find(({ type }) => type === 'cw-machine')
    expect(first.find(({ type }) => type === 'cw-run-program')).toMatchObject({ machine: machine?.id })
    const wired = first.flatMap((node) => (node.wires as string[][] | undefined) ?? []).flat()
    expect(wired.every((id) => first.some((node) => node.id === id))).toBe(true)
  })

  test('keeps the ids that an earlier version had', async () => {
    const content = await cut()
    const first = madeOf(content, given)
    const again = make(content, { importId: 'imp_1', parameters: given, n: 1, before: first.ids, references })
    expect(again.nodes.map(({ id }) => id)).toEqual(first.nodes.map(({ id }) => id))
  })

  test('names jobs apart when it is imported twice, in the flow and in its tests', async () => {
    const { nodes, tests } = madeOf(await cut(), given, 2)
    expect(nodes.filter(({ type }) => type === 'cw-job-in').map(({ jobName }) => jobName)).toEqual(['cut-part 2'])
    expect(tests[0]).toMatchObject({ id: 'imp_1-1', steps: [{ connectionId: 'con_1' }, { nodeId: nodes.find(({ type }) => type === 'cw-button')?.id }, {}] })
  })

  test('leaves what is no parameter as it is: the mustache of a template node', async () => {
    const content = await cut()
    const flow: FlowNode[] = [
      ...content.flow,
      { id: 'm', type: 'template', z: 'cap-tab', name: '', template: '{{payload}} on {{machine}}, {{text nominalMm}} mm' },
    ]
    expect(madeOf({ ...content, flow }, given).nodes.at(-1)).toMatchObject({ template: '{{payload}} on demo-mill, 42 mm' })
  })
})

test('a text that is a number stays a text where the flow wants one', async () => {
  const content = await cut()
  const flow: FlowNode[] = [
    ...content.flow,
    {
      id: 's',
      type: 'switch',
      z: 'cap-tab',
      rules: [
        { t: 'gt', v: '{{text nominalMm}}', vt: 'num' },
        { t: 'gt', v: '{{nominalMm}}', vt: 'num' },
      ],
    },
  ]
  expect(madeOf({ ...content, flow }, given).nodes.at(-1)).toMatchObject({ rules: [{ v: '42' }, { v: 42 }] })
})

test('a quote in a text does not end the expression that it stands in', async () => {
  const content = await cut()
  const flow: FlowNode[] = [...content.flow, { id: 'c', type: 'change', z: 'cap-tab', rules: [{ to: '{{json characteristic}} & payload' }] }]
  expect(madeOf({ ...content, flow }, { ...given, characteristic: 'a " & $x() & "' }).nodes.at(-1)).toMatchObject({
    rules: [{ to: '"a \\" & $x() & \\"" & payload' }],
  })
})

describe('parameters', () => {
  const schema: TemplateManifest['parameters'] = {
    type: 'object',
    properties: {
      machine: { title: 'Machine', type: 'string', widget: 'machine' },
      orders: { title: 'Orders', type: 'string', widget: 'connection', connectors: ['work-order-folder'] },
      length: { title: 'Length', type: 'number', widget: 'number', unit: 'mm', minimum: 0, maximum: 100 },
      count: { title: 'Count', type: 'integer', widget: 'number', default: 3 },
      side: { title: 'Side', type: 'string', widget: 'select', enum: ['left', 'right'] },
      plan: { title: 'Plan', type: 'string', widget: 'sampling-plan' },
    },
    required: ['machine', 'orders', 'length', 'count'],
  }
  const shop = {
    machines: [{ id: 'mill' }],
    connections: [
      { id: 'con_1', connector: 'work-order-folder' },
      { id: 'con_2', connector: 'mqtt-events' },
    ],
    programs: [],
    quality: [
      { kind: 'sampling-plan', id: 'spl_1', isRetired: false },
      { kind: 'sampling-plan', id: 'spl_2', isRetired: true },
      { kind: 'gage-study', id: 'gst_1', isRetired: false },
    ],
  }
  const wrong = (values: Record<string, unknown>) => parameterProblems(schema, withDefaults(schema, values), shop).map(({ key }) => key)
  const good = { machine: 'mill', orders: 'con_1', length: 12.5, plan: 'spl_1' }

  test('that fit are taken, with defaults for the rest', () => {
    expect(wrong(good)).toEqual([])
    expect(withDefaults(schema, good)).toMatchObject({ count: 3 })
  })
  test.each<[string, Record<string, unknown>, string]>([
    ['one that is missing', { length: undefined }, 'length'],
    ['one that is left empty', { length: '' }, 'length'],
    ['a number given as text', { length: '12' }, 'length'],
    ['one beyond its limits', { length: 101 }, 'length'],
    ['a broken whole number', { count: 2.5 }, 'count'],
    ['a choice that there is not', { side: 'top' }, 'side'],
    ['a machine that there is not', { machine: 'lathe' }, 'machine'],
    ['a connection of another kind', { orders: 'con_2' }, 'orders'],
    ['a sampling plan that there is not', { plan: 'spl_9' }, 'plan'],
    ['one that is not used any more', { plan: 'spl_2' }, 'plan'],
    ['what is on another list', { plan: 'gst_1' }, 'plan'],
  ])('%s is told by its key', (_, values, key) => {
    expect(wrong({ ...good, ...values })).toEqual([key])
  })
})

test('every template that ships can be read, says in both languages what it is, and has a test', async () => {
  const folders = (await readdir(flows, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  expect(folders.length).toBeGreaterThanOrEqual(16)
  for (const { name } of folders) {
    const { manifest, tests, readmeGerman } = await readTemplate(await readFolder(join(flows, name)))
    expect(manifest.id).toBe(name)
    expect(Object.keys(manifest.german?.parameters ?? {}), name).toEqual(Object.keys(manifest.parameters.properties))
    expect({ name, german: manifest.german?.summary, readmeGerman, tests: tests.length }).toEqual({
      name,
      german: expect.any(String),
      readmeGerman: expect.any(String),
      tests: expect.any(Number),
    })
    expect(tests.length, name).toBeGreaterThan(0)
  }
})
