import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fillTemplate, readTemplate } from './template.ts'

const dir = join(import.meta.dirname, '..', '..', 'flows', 'cut-a-part')
const given = { machine: 'demo-mill', connection: 'con_1' }

describe('a flow template', () => {
  it('fills its parameters in with their types', async () => {
    const flow = fillTemplate(await readTemplate(dir), given)
    expect(flow.find(({ type }) => type === 'cw-machine')).toMatchObject({ machineId: 'demo-mill' })
    expect(flow.find(({ type }) => type === 'cw-check')).toMatchObject({ nominal: 42, upper: 0.025, characteristic: 'bearing seat diameter' })
    expect(JSON.stringify(flow)).not.toContain('{{')
  })

  it('gives every node a new id and keeps wires, tabs and references', async () => {
    const template = await readTemplate(dir)
    const first = fillTemplate(template, given)
    const second = fillTemplate(template, given)
    const ids = new Set([...first, ...second].map(({ id }) => id))
    expect(ids.size).toBe(template.flow.length * 2)
    const machine = first.find(({ type }) => type === 'cw-machine')
    expect(first.find(({ type }) => type === 'cw-run-program')).toMatchObject({ machine: machine?.id })
    const wired = first.flatMap((node) => (node.wires as string[][] | undefined) ?? []).flat()
    expect(wired.every((id) => first.some((node) => node.id === id))).toBe(true)
  })

  it('says which parameter has no value', async () => {
    const template = await readTemplate(dir)
    expect(() => fillTemplate(template, { machine: 'demo-mill' })).toThrow(/Work orders from/)
  })
})
