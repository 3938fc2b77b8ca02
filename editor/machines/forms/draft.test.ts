import { describe, expect, it } from 'vitest'
import type { MachineSettings } from '../../../nodes/motion/machine.ts'
import { codesOf, type Draft, draftOf, idFrom, newDraft, problemsOf, settingsOf } from './draft.ts'

const settings: MachineSettings = {
  name: 'Mill 1',
  link: {
    kind: 'serial',
    path: '/dev/serial/by-id/usb-Arduino',
    baudRate: 115200,
    resetsOnOpen: true,
    adapter: { vendorId: '2341', productId: '0043', serialNumber: 'A1' },
    dtr: 'off',
  },
  envelopeMm: { min: [-400, -300, -80], max: [0, 0, 0] },
  whenRequesterGone: 'hold',
  controller: 'grbl',
  guarding: {
    keepOut: [{ id: 'vice', name: 'Vice', min: [-200, -200, -80], max: [-100, -100, -40], isActive: false }],
    interlocks: [{ id: 'door', name: 'Door closed', ttlS: 2, whenUnsafe: 'refuse' }],
    maxFeedMmPerMin: 3000,
    spindleRpm: { min: 0, max: 12_000 },
    maxDwellS: 10,
    forbiddenCodes: ['M7', 'G38.2'],
    safeZMm: -5,
    mustBeHomed: false,
    onLineError: 'ask',
    toolChange: { kind: 'probe-length', parkMm: [-200, -290, -5], setter: { atMm: [-10, -10, -5], maxTravelMm: 40, feedMmPerMin: 80 } },
    maxCommandsPerS: 5,
  },
}

const changed = (part: Partial<Draft>): Draft => ({ ...draftOf({ id: 'mill-1', ...settings }), ...part })

describe('the form of a machine', () => {
  it('gives back what it was made from, field by field', () => {
    expect(settingsOf(draftOf({ id: 'mill-1', ...settings }))).toEqual(settings)
  })

  it.each([
    { kind: 'tcp', host: '10.0.0.7', port: 23 },
    { kind: 'websocket', url: 'ws://fluidnc.local:81/' },
    { kind: 'virtual', timeScale: 2 },
  ] as const)('gives back a link of kind $kind', (link) => {
    expect(settingsOf(draftOf({ id: 'm', ...settings, link })).link).toEqual(link)
  })

  it('keeps what was typed for one kind of link while another one is looked at', () => {
    const draft = changed({})
    draft.link.kind = 'tcp'
    expect(problemsOf(draft, 'link').map(({ path }) => path)).toEqual(['link.tcp.host'])
    draft.link.kind = 'serial'
    expect(settingsOf(draft).link).toEqual(settings.link)
  })

  it('sends no password that nobody typed, so that the kept ones stay', () => {
    expect(settingsOf({ ...changed({ controller: 'linuxcnc' }) })).not.toHaveProperty('linuxcnc')
    expect(settingsOf(changed({ controller: 'linuxcnc', linuxcnc: { connectPassword: 'x', enablePassword: '' } })).linuxcnc).toEqual({ connectPassword: 'x' })
  })

  it('has no problems when it is complete', () => {
    for (const part of ['link', 'limits', 'rules', 'name'] as const) expect(problemsOf(changed({}), part)).toEqual([])
  })

  it('wants every number of the travel, and each end beyond its beginning', () => {
    expect(problemsOf(newDraft(), 'limits')).toHaveLength(6)
    const { envelope } = changed({})
    expect(problemsOf(changed({ envelope: { ...envelope, max: [-400, 0, 0] } }), 'limits')).toContainEqual({ path: 'envelope.max.0', code: 'not-greater' })
  })

  it('refuses places of the tool change outside the travel', () => {
    const draft = changed({})
    draft.toolChange.park = [10, -290, -5]
    expect(problemsOf(draft, 'rules')).toEqual([{ path: 'toolChange.park.0', code: 'outside-envelope' }])
    expect(problemsOf(changed({ safeZ: 3 }), 'limits')).toEqual([{ path: 'safeZ', code: 'outside-envelope' }])
  })

  it('tells two boxes of one name apart from one', () => {
    const [box] = changed({}).keepOut
    expect(problemsOf(changed({ keepOut: [box!, { ...box!, id: 'other' }] }), 'limits')).toEqual([{ path: 'keepOut.other.name', code: 'twice' }])
  })

  it('reads forbidden codes in any writing and refuses what is none', () => {
    expect(codesOf(' m7, G38.2\n g4;M30 ')).toEqual(['M7', 'G38.2', 'G4', 'M30'])
    expect(problemsOf(changed({ forbiddenCodes: 'M7 X10' }), 'rules')).toEqual([{ path: 'forbiddenCodes', code: 'bad-code' }])
  })

  it('makes an id out of any name', () => {
    expect(idFrom('Fräse 1 (links)')).toBe('fraese-1-links')
    expect(idFrom('  Étau n° 2 ')).toBe('etau-n-2')
    expect(problemsOf({ ...newDraft(), name: '机', id: idFrom('机') }, 'name')).toEqual([{ path: 'id', code: 'required' }])
  })
})
