import { describe, expect, test } from 'vitest'
import type { FlowNode } from '../api/index.ts'
import { capabilitiesOf } from '../api/index.ts'
import { refusals } from './fence.ts'

const tab: FlowNode = { id: 'tab', type: 'tab', label: 'Cell', env: [] }
const inject: FlowNode = { id: 'in', type: 'inject', z: 'tab', x: 1, y: 1, wires: [['fn']] }
const fn: FlowNode = { id: 'fn', type: 'function', z: 'tab', x: 2, y: 1, name: 'scale', func: 'return msg', wires: [['out']] }
const out: FlowNode = { id: 'out', type: 'debug', z: 'tab', x: 3, y: 1, wires: [] }
const deployed = [tab, inject, fn, out]

const refusedTo = (role: 'integrator' | 'engineer', next: FlowNode[], previous: FlowNode[] = deployed) =>
  refusals(next, previous, capabilitiesOf(role)).map((problem) => problem.nodeId)
const change = (id: string, more: object) => deployed.map((node) => (node.id === id ? { ...node, ...more } : node))

describe('somebody with flows.code', () => {
  test('may deploy everything', () => {
    expect(refusedTo('engineer', deployed, [])).toEqual([])
  })
})

describe('somebody with flows.deploy alone', () => {
  test('may deploy our nodes and core nodes without code, files, sockets or processes', () => {
    const flows = ['cw-run-program', 'cw-button', 'inject', 'switch', 'change', 'template', 'delay', 'link out', 'ui-button', 'ui-gauge'].map(
      (type, index) => ({
        id: `n${index}`,
        type,
        z: 'tab',
      }),
    )
    expect(refusedTo('integrator', [tab, ...flows], [])).toEqual([])
  })

  test.each([
    'function',
    'exec',
    'file',
    'file in',
    'watch',
    'tcp in',
    'tcp request',
    'udp out',
    'http in',
    'http response',
    'http request',
    'websocket-listener',
    'mqtt-broker',
    'tls-config',
    'ui-template',
    'node-from-a-module-nobody-knows',
  ])('may not add %s', (type) => {
    expect(refusedTo('integrator', [...deployed, { id: 'new', type, z: 'tab' }])).toEqual(['new'])
  })

  test('may leave a code node as it was deployed and move it', () => {
    expect(refusedTo('integrator', change('fn', { x: 400 }))).toEqual([])
  })

  test('may remove a code node', () => {
    expect(refusedTo('integrator', [tab, { ...inject, wires: [['out']] }, out])).toEqual([])
  })

  test('may not change one', () => {
    expect(refusedTo('integrator', change('fn', { func: 'process.exit()' }))).toEqual(['fn'])
  })

  test('may not give one new credentials', () => {
    expect(refusedTo('integrator', change('fn', { credentials: { key: 'x' } }))).toEqual(['fn'])
  })

  test('may not copy one, also not in place of another node', () => {
    expect(refusedTo('integrator', [...deployed, { ...fn, id: 'copy' }])).toEqual(['copy'])
    expect(refusedTo('integrator', change('out', { ...fn, id: 'out' }))).toEqual(['out'])
  })

  test('may not wire past the code that checks what reaches a code node', () => {
    const guarded: FlowNode[] = [
      ...deployed.filter(({ id }) => id !== 'fn'),
      { ...fn, wires: [['run']] },
      { id: 'run', type: 'exec', z: 'tab', command: '', wires: [[]] },
    ]
    const past = { id: 'mine', type: 'inject', z: 'tab', x: 1, y: 2, wires: [['run']] }
    expect(refusedTo('integrator', guarded, guarded)).toEqual([])
    expect(refusedTo('integrator', [...guarded, past], guarded)).toEqual(['run'])
  })

  test('may not switch one on, or its tab', () => {
    const off = change('fn', { d: true })
    expect(refusedTo('integrator', deployed, off)).toEqual(['fn'])
    const tabOff = change('tab', { disabled: true })
    expect(refusedTo('integrator', deployed, tabOff)).toEqual(['tab'])
  })

  test('may not change the values that a tab, a group or the global settings give to one', () => {
    const env = [{ name: 'COMMAND', value: 'rm -rf /', type: 'str' }]
    expect(refusedTo('integrator', change('tab', { env }))).toEqual(['tab'])
    const grouped = [tab, { id: 'g', type: 'group', z: 'tab', nodes: ['fn'] }, { ...fn, g: 'g' }]
    expect(
      refusedTo(
        'integrator',
        grouped.map((node) => (node.id === 'g' ? { ...node, env } : node)),
        grouped,
      ),
    ).toEqual(['g'])
    const global = { id: 'gc', type: 'global-config', env: [] }
    expect(refusedTo('integrator', [...deployed, { ...global, env }], [...deployed, global])).toEqual(['gc'])
  })

  test('may change the values of a tab that holds no code', () => {
    const other = { id: 'other', type: 'tab', label: 'Other' }
    expect(refusedTo('integrator', [...deployed, { ...other, env: [{ name: 'A', value: '1', type: 'str' }] }], [...deployed, other])).toEqual([])
  })

  describe('with subflows', () => {
    const subflow: FlowNode = { id: 'sf', type: 'subflow', name: 'Measure', in: [{ wires: [{ id: 'sfn' }] }], out: [], env: [] }
    const inside: FlowNode = { id: 'sfn', type: 'function', z: 'sf', func: 'return msg', wires: [] }
    const safeInside: FlowNode = { id: 'sfn', type: 'change', z: 'sf', rules: [], wires: [] }
    const instance: FlowNode = { id: 'i1', type: 'subflow:sf', z: 'tab', wires: [] }

    test('may not bring code in a new subflow', () => {
      expect(refusedTo('integrator', [...deployed, subflow, inside])).toEqual(['sf', 'sfn'])
    })

    test('may use a subflow of safe nodes', () => {
      expect(refusedTo('integrator', [...deployed, subflow, safeInside, instance])).toEqual([])
    })

    test('may not put a new instance of a subflow with code', () => {
      expect(refusedTo('integrator', [...deployed, subflow, inside, instance], [...deployed, subflow, inside])).toEqual(['i1'])
    })

    test('may not turn the inside of a subflow that is in use into code', () => {
      const before = [...deployed, subflow, safeInside, instance]
      expect(refusedTo('integrator', [...deployed, subflow, inside, instance], before)).toEqual(expect.arrayContaining(['sfn']))
    })

    test('may not give an instance of a subflow with code other values', () => {
      const before = [...deployed, subflow, inside, instance]
      const after = [...deployed, subflow, inside, { ...instance, env: [{ name: 'COMMAND', value: 'x', type: 'str' }] }]
      expect(refusedTo('integrator', after, before)).toEqual(['i1'])
    })

    test('may not hide code in a subflow inside a subflow', () => {
      const outer: FlowNode = { id: 'outer', type: 'subflow', name: 'Outer', in: [], out: [] }
      const nested: FlowNode = { id: 'nested', type: 'subflow:sf', z: 'outer', wires: [] }
      expect(refusedTo('integrator', [...deployed, subflow, inside, outer, nested, { id: 'i2', type: 'subflow:outer', z: 'tab' }])).toEqual(
        expect.arrayContaining(['sfn', 'nested', 'i2']),
      )
    })
  })
})
