/**
 * A machine's settings while a person edits them: every field may be empty or half typed. From settings, to settings, and
 * what is wrong with it. No DOM.
 */
import type { Guarding, Interlock, KeepOutBox, MachineLink, MachineSettings, ToolChange } from '../../../nodes/motion/machine.ts'
import type { Num } from '../../shared/number-field.tsx'

export type Triple = [Num, Num, Num]
export interface BoxDraft {
  min: Triple
  max: Triple
}
export type LinkKind = MachineLink['kind']
export interface KeepOutDraft extends BoxDraft {
  id: string
  name: string
  isActive: boolean
}
export interface InterlockDraft {
  id: string
  name: string
  ttlS: Num
  whenUnsafe: Interlock['whenUnsafe']
}

type Serial = Extract<MachineLink, { kind: 'serial' }>

/** Every kind of link keeps what was typed, so that looking at another kind loses nothing. */
export interface LinkDraft {
  kind: LinkKind
  serial: {
    path: string
    baudRate: Num
    resetsOnOpen: boolean
    adapter: Serial['adapter']
    flowControl: NonNullable<Serial['flowControl']>
    dtr: NonNullable<Serial['dtr']>
    rts: NonNullable<Serial['rts']>
  }
  tcp: { host: string; port: Num }
  websocket: { url: string }
  virtual: { timeScale: Num }
}

export interface Draft {
  id: string
  name: string
  link: LinkDraft
  controller: 'grbl' | 'linuxcnc'
  linuxcnc: { connectPassword: string; enablePassword: string }
  envelope: BoxDraft
  keepOut: KeepOutDraft[]
  interlocks: InterlockDraft[]
  maxFeed: Num
  spindleMin: Num
  spindleMax: Num
  maxDwellS: Num
  safeZ: Num
  mustBeHomed: boolean
  forbiddenCodes: string
  onLineError: NonNullable<Guarding['onLineError']>
  maxCommandsPerS: Num
  whenRequesterGone: MachineSettings['whenRequesterGone']
  toolChange: {
    kind: ToolChange['kind'] | 'none'
    hasPark: boolean
    park: Triple
    setterAt: Triple
    setterTravel: Num
    setterFeed: Num
    lines: string
  }
}

const NO_PLACE: Triple = ['', '', '']

export function newDraft(): Draft {
  return {
    id: '',
    name: '',
    link: {
      kind: 'serial',
      serial: { path: '', baudRate: 115200, resetsOnOpen: true, adapter: undefined, flowControl: 'none', dtr: 'leave', rts: 'leave' },
      tcp: { host: '', port: 23 },
      websocket: { url: 'ws://' },
      virtual: { timeScale: 1 },
    },
    controller: 'grbl',
    linuxcnc: { connectPassword: '', enablePassword: '' },
    envelope: { min: [...NO_PLACE], max: [...NO_PLACE] },
    keepOut: [],
    interlocks: [],
    maxFeed: '',
    spindleMin: '',
    spindleMax: '',
    maxDwellS: 600,
    safeZ: '',
    mustBeHomed: true,
    forbiddenCodes: '',
    onLineError: 'stop',
    maxCommandsPerS: 20,
    whenRequesterGone: 'finish',
    toolChange: { kind: 'none', hasPark: false, park: [...NO_PLACE], setterAt: [...NO_PLACE], setterTravel: 50, setterFeed: 100, lines: '' },
  }
}

/** The form of a machine that is there already. */
export function draftOf(machine: MachineSettings & { id: string }): Draft {
  const draft = newDraft()
  const { link, guarding = {} } = machine
  draft.id = machine.id
  draft.name = machine.name
  draft.link.kind = link.kind
  switch (link.kind) {
    case 'serial':
      draft.link.serial = {
        path: link.path,
        baudRate: link.baudRate,
        resetsOnOpen: link.resetsOnOpen,
        adapter: link.adapter,
        flowControl: link.flowControl ?? 'none',
        dtr: link.dtr ?? 'leave',
        rts: link.rts ?? 'leave',
      }
      break
    case 'tcp':
      draft.link.tcp = { host: link.host, port: link.port }
      break
    case 'websocket':
      draft.link.websocket = { url: link.url }
      break
    case 'virtual':
      draft.link.virtual = { timeScale: link.timeScale }
      break
    default:
      link satisfies never
  }
  draft.controller = machine.controller ?? 'grbl'
  draft.envelope = { min: [...machine.envelopeMm.min], max: [...machine.envelopeMm.max] }
  draft.keepOut = (guarding.keepOut ?? []).map((box) => ({ ...box, min: [...box.min], max: [...box.max] }))
  draft.interlocks = (guarding.interlocks ?? []).map((one) => ({ ...one }))
  draft.maxFeed = guarding.maxFeedMmPerMin ?? ''
  draft.spindleMin = guarding.spindleRpm?.min ?? ''
  draft.spindleMax = guarding.spindleRpm?.max ?? ''
  draft.maxDwellS = guarding.maxDwellS ?? 600
  draft.safeZ = guarding.safeZMm ?? ''
  draft.mustBeHomed = guarding.mustBeHomed ?? true
  draft.forbiddenCodes = (guarding.forbiddenCodes ?? []).join(' ')
  draft.onLineError = guarding.onLineError ?? 'stop'
  draft.maxCommandsPerS = guarding.maxCommandsPerS ?? 20
  draft.whenRequesterGone = machine.whenRequesterGone
  const change = guarding.toolChange
  if (change) {
    draft.toolChange.kind = change.kind
    if ((change.kind === 'manual' || change.kind === 'probe-length') && change.parkMm) {
      draft.toolChange.hasPark = true
      draft.toolChange.park = [...change.parkMm]
    }
    if (change.kind === 'probe-length') {
      draft.toolChange.setterAt = [...change.setter.atMm]
      draft.toolChange.setterTravel = change.setter.maxTravelMm
      draft.toolChange.setterFeed = change.setter.feedMmPerMin
    }
    if (change.kind === 'macro') draft.toolChange.lines = change.lines.join('\n')
  }
  return draft
}

/** What is wrong, named so that each language has its own words for it. */
type ProblemCode = 'required' | 'not-greater' | 'outside-envelope' | 'bad-id' | 'bad-url' | 'bad-code' | 'twice' | 'too-small'
export interface Problem {
  /** Where: `name`, `envelope.max.1`, `keepOut.vice.max.0`, … */
  path: string
  code: ProblemCode
}

const ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,39}$/
const CODE_PATTERN = /^[GM][0-9]{1,3}(\.[0-9])?$/

/** An id made from a name: `Mill 1 (left)` becomes `mill-1-left`. */
export function idFrom(name: string): string {
  const plain = name.toLowerCase().replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue').replaceAll('ß', 'ss').normalize('NFKD')
  return plain
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
}

/** Codes as typed: with commas, spaces or line breaks between, in any case. */
export function codesOf(text: string): string[] {
  return text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter(Boolean)
}

export type Part = 'link' | 'limits' | 'rules' | 'name'

/** @returns what is wrong with one part of the form */
export function problemsOf(draft: Draft, part: Part): Problem[] {
  const problems: Problem[] = []
  const add = (path: string, code: ProblemCode) => problems.push({ path, code })
  const number = (path: string, value: Num) => {
    if (value === '') add(path, 'required')
  }
  const triple = (path: string, values: Triple) => {
    for (const [axis, value] of values.entries()) number(`${path}.${axis}`, value)
  }
  const box = (path: string, { min, max }: BoxDraft) => {
    triple(`${path}.min`, min)
    triple(`${path}.max`, max)
    min.forEach((low, axis) => {
      const high = max[axis] ?? ''
      if (low !== '' && high !== '' && high <= low) add(`${path}.max.${axis}`, 'not-greater')
    })
  }
  const names = (path: string, items: readonly { id: string; name: string }[]) => {
    const seen = new Set<string>()
    for (const { id, name } of items) {
      if (name.trim() === '') add(`${path}.${id}.name`, 'required')
      else if (seen.has(name.trim())) add(`${path}.${id}.name`, 'twice')
      seen.add(name.trim())
    }
  }
  switch (part) {
    case 'link': {
      const { link } = draft
      if (link.kind === 'serial') {
        if (link.serial.path.trim() === '') add('link.serial.path', 'required')
        number('link.serial.baudRate', link.serial.baudRate)
      }
      if (link.kind === 'tcp') {
        if (link.tcp.host.trim() === '') add('link.tcp.host', 'required')
        number('link.tcp.port', link.tcp.port)
      }
      if (link.kind === 'websocket' && !/^wss?:\/\/[^/\s]+/.test(link.websocket.url.trim())) add('link.websocket.url', 'bad-url')
      if (link.kind === 'virtual') number('link.virtual.timeScale', link.virtual.timeScale)
      break
    }
    case 'limits':
      box('envelope', draft.envelope)
      names('keepOut', draft.keepOut)
      for (const one of draft.keepOut) box(`keepOut.${one.id}`, one)
      if (draft.safeZ !== '' && !isWithin(draft.safeZ, draft.envelope, 2)) add('safeZ', 'outside-envelope')
      break
    case 'rules': {
      if (draft.spindleMin !== '' || draft.spindleMax !== '') {
        if (draft.spindleMax === '') add('spindleMax', 'required')
        else if (draft.spindleMax <= (draft.spindleMin === '' ? 0 : draft.spindleMin)) add('spindleMax', 'not-greater')
      }
      if (draft.maxFeed !== '' && draft.maxFeed <= 0) add('maxFeed', 'too-small')
      if (codesOf(draft.forbiddenCodes).some((code) => !CODE_PATTERN.test(code))) add('forbiddenCodes', 'bad-code')
      names('interlocks', draft.interlocks)
      for (const one of draft.interlocks) {
        if (one.ttlS === '') add(`interlocks.${one.id}.ttlS`, 'required')
        else if (one.ttlS < 0.2) add(`interlocks.${one.id}.ttlS`, 'too-small')
      }
      const change = draft.toolChange
      const place = (path: string, at: Triple) => {
        triple(path, at)
        at.forEach((value, axis) => {
          if (value !== '' && !isWithin(value, draft.envelope, axis)) add(`${path}.${axis}`, 'outside-envelope')
        })
      }
      if ((change.kind === 'manual' || change.kind === 'probe-length') && change.hasPark) place('toolChange.park', change.park)
      if (change.kind === 'probe-length') {
        place('toolChange.setterAt', change.setterAt)
        number('toolChange.setterTravel', change.setterTravel)
        number('toolChange.setterFeed', change.setterFeed)
      }
      if (change.kind === 'macro' && change.lines.trim() === '') add('toolChange.lines', 'required')
      break
    }
    case 'name':
      if (draft.name.trim() === '') add('name', 'required')
      if (!ID_PATTERN.test(draft.id)) add('id', draft.id === '' ? 'required' : 'bad-id')
      break
    default:
      part satisfies never
  }
  return problems
}

/** Unknown bounds hold everything. */
function isWithin(value: number, { min, max }: BoxDraft, axis: number): boolean {
  const low = min[axis] ?? ''
  const high = max[axis] ?? ''
  return (low === '' || value >= low) && (high === '' || value <= high)
}

const whole = (values: Triple) => values.map(Number) as [number, number, number]

/** The link as the API takes it. Only for a part without problems. */
export function linkOf({ kind, serial, tcp, websocket, virtual }: LinkDraft): MachineLink {
  switch (kind) {
    case 'serial':
      return {
        kind,
        path: serial.path.trim(),
        baudRate: Number(serial.baudRate),
        resetsOnOpen: serial.resetsOnOpen,
        ...(serial.adapter ? { adapter: serial.adapter } : {}),
        ...(serial.flowControl === 'none' ? {} : { flowControl: serial.flowControl }),
        ...(serial.dtr === 'leave' ? {} : { dtr: serial.dtr }),
        ...(serial.rts === 'leave' ? {} : { rts: serial.rts }),
      }
    case 'tcp':
      return { kind, host: tcp.host.trim(), port: Number(tcp.port) }
    case 'websocket':
      return { kind, url: websocket.url.trim() }
    case 'virtual':
      return { kind, timeScale: Number(virtual.timeScale) }
    default:
      return kind satisfies never
  }
}

/** The settings as the API takes them. Only for a draft without problems. */
export function settingsOf(draft: Draft): MachineSettings {
  const change = toolChangeOf(draft.toolChange)
  const guarding: Guarding = {
    ...(draft.keepOut.length
      ? {
          keepOut: draft.keepOut.map(
            (box): KeepOutBox => ({ id: box.id, name: box.name.trim(), isActive: box.isActive, min: whole(box.min), max: whole(box.max) }),
          ),
        }
      : {}),
    ...(draft.interlocks.length ? { interlocks: draft.interlocks.map((one): Interlock => ({ ...one, name: one.name.trim(), ttlS: Number(one.ttlS) })) } : {}),
    ...(draft.maxFeed === '' ? {} : { maxFeedMmPerMin: draft.maxFeed }),
    ...(draft.spindleMax === '' ? {} : { spindleRpm: { min: Number(draft.spindleMin), max: draft.spindleMax } }),
    ...(draft.maxDwellS === '' ? {} : { maxDwellS: draft.maxDwellS }),
    ...(draft.forbiddenCodes.trim() === '' ? {} : { forbiddenCodes: codesOf(draft.forbiddenCodes) }),
    ...(draft.safeZ === '' ? {} : { safeZMm: draft.safeZ }),
    mustBeHomed: draft.mustBeHomed,
    onLineError: draft.onLineError,
    ...(change ? { toolChange: change } : {}),
    ...(draft.maxCommandsPerS === '' ? {} : { maxCommandsPerS: draft.maxCommandsPerS }),
  }
  const { connectPassword, enablePassword } = draft.linuxcnc
  return {
    name: draft.name.trim(),
    link: linkOf(draft.link),
    envelopeMm: { min: whole(draft.envelope.min), max: whole(draft.envelope.max) },
    whenRequesterGone: draft.whenRequesterGone,
    controller: draft.controller,
    guarding,
    ...(draft.controller === 'linuxcnc' && (connectPassword || enablePassword)
      ? { linuxcnc: { ...(connectPassword ? { connectPassword } : {}), ...(enablePassword ? { enablePassword } : {}) } }
      : {}),
  }
}

function toolChangeOf(change: Draft['toolChange']): ToolChange | undefined {
  const park = change.hasPark ? { parkMm: whole(change.park) } : {}
  switch (change.kind) {
    case 'none':
      return undefined
    case 'manual':
      return { kind: 'manual', ...park }
    case 'probe-length':
      return {
        kind: 'probe-length',
        ...park,
        setter: { atMm: whole(change.setterAt), maxTravelMm: Number(change.setterTravel), feedMmPerMin: Number(change.setterFeed) },
      }
    case 'macro':
      return {
        kind: 'macro',
        lines: change.lines
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean),
      }
    case 'controller':
      return { kind: 'controller' }
    default:
      return change.kind satisfies never
  }
}
