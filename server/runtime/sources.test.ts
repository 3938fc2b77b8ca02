import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSources, isKept } from './sources.ts'

/** Node-RED's own hooks, as its nodes call them. */
const calls: string[] = []
const hooks = {
  trigger(name: string, _payload: unknown, done?: (error?: unknown) => void) {
    calls.push(name)
    done?.()
    return undefined
  },
}
const from = (node: object) => [{ msg: {}, source: { node } }]
const to = (type: string, msg: object) => ({ msg, destination: { node: { type } } })

describe('nodes that begin by themselves', () => {
  it('are those that every host is told the same by, and not those of one computer', () => {
    expect(isKept('onSend', from({ type: 'mqtt in' }))).toBe(true)
    expect(isKept('onSend', from({ type: 'tcp in', server: false }))).toBe(true)
    expect(isKept('onSend', from({ type: 'tcp in', server: 'server' }))).toBe(false)
    expect(isKept('onSend', from({ type: 'websocket in', serverConfig: { isServer: false } }))).toBe(true)
    expect(isKept('onSend', from({ type: 'websocket in', serverConfig: { isServer: true } }))).toBe(false)
    expect(isKept('onSend', from({ type: 'http in' }))).toBe(false)
    expect(isKept('preDeliver', { source: { node: { type: 'mqtt in' } } })).toBe(false)
  })

  it('an inject node is kept from its clock, not from a person who presses it', () => {
    expect(isKept('onReceive', to('inject', {}))).toBe(true)
    expect(isKept('onReceive', to('inject', { _msgid: '1' }))).toBe(false)
    expect(isKept('onReceive', to('function', {}))).toBe(false)
  })

  describe('in a runtime', () => {
    const sources = createSources({ hooks: hooks as never })
    const answers: unknown[] = []
    const trigger = (name: string, payload: unknown) =>
      (hooks as { trigger: (...all: unknown[]) => unknown }).trigger(name, payload, (answer: unknown) => answers.push(answer))
    const plain = hooks.trigger
    beforeAll(() => sources.attach())
    afterAll(() => {
      hooks.trigger = plain
    })

    it('that leads nothing is in the way of a message', () => {
      expect(hooks.trigger).toBe(plain)
    })

    it('that does not lead they stop there, without a trace; when it leads again they go on', () => {
      sources.lead(false)
      trigger('onSend', from({ type: 'mqtt in' }))
      trigger('onSend', from({ type: 'http in' }))
      expect([answers.splice(0), calls.splice(0)]).toEqual([[false, undefined], ['onSend']])
      sources.lead(true)
      trigger('onSend', from({ type: 'mqtt in' }))
      expect([answers.splice(0), calls.splice(0)]).toEqual([[undefined], ['onSend']])
    })
  })
})
