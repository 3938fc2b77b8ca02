/**
 * A LinuxCNC with linuxcncrsh for tests, written from the man page linuxcncrsh(1) and the behaviour of emcrsh.cc: its sessions,
 * answers and refusals, a task that runs MDI lines and programs on a machine that takes time to move. It knows nothing of
 * the guard. `isModern`: the server as rewritten in 2026, else that of 2.8 and 2.9.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface RshOptions {
  isModern?: boolean
  connectPassword?: string
  enablePassword?: string
  isOn?: boolean
  isHomed?: boolean
  /** mm/min of every move, whatever F says. */
  speedMmPerMin?: number
  /** INI entries the modern server tells, as `[AXIS_X]MIN_LIMIT`. */
  ini?: Record<string, string>
  /** Programs it can read: it may run on another computer. */
  sees?: (path: string) => boolean
  /** A program begins so long after `RUN` was taken: tasks hand it on from cycle to cycle. */
  runsAfterMs?: number
}

interface Client {
  socket: Socket
  isLinked: boolean
  isEnabled: boolean
  echo: boolean
  verbose: boolean
  waitMode: 'RECEIVED' | 'DONE'
  inbox: string
}

const AXES = ['X', 'Y', 'Z']
/** The machine stands while this process had no time: whoever watches it would miss what it does meanwhile. */
const LONGEST_STEP_MS = 25
type Move = { to: number[]; line: number } | { dwellUntil: number; line: number }

export class RshServer {
  readonly #options: Required<RshOptions>
  readonly #server = createServer((socket) => this.#greet(socket))
  readonly #clients = new Set<Client>()
  /** Every line from every client, in order. */
  readonly heard: string[] = []
  isEstopped: boolean
  isOn: boolean
  homed = [false, false, false]
  mode: 'MANUAL' | 'AUTO' | 'MDI' = 'MANUAL'
  interp: 'IDLE' | 'RUNNING' | 'PAUSED' = 'IDLE'
  position = [0, 0, 0]
  offset = [0, 0, 0]
  file = ''
  line = 0
  errors: string[] = []
  isTeleop = false
  isFlooding = false
  spindle = 'OFF'
  tool = 0
  feedOverride = 100
  spindleOverride = 100
  modal = { motion: 0, isIncremental: false, isInches: false }
  #queue: Move[] = []
  #program: string[] | undefined
  #running: NodeJS.Timeout | undefined
  #jogs = new Map<number, { speed: number; left: number }>()
  #homing: number[] = []
  #at = performance.now()
  readonly #timer: NodeJS.Timeout
  /** Deaf from now on, the connection stays. */
  isSilent = false

  constructor(options: RshOptions = {}) {
    this.#options = {
      isModern: true,
      connectPassword: 'EMC',
      enablePassword: 'EMCTOO',
      isOn: true,
      isHomed: true,
      speedMmPerMin: 30_000,
      ini: {},
      sees: existsSync,
      runsAfterMs: 0,
      ...options,
    }
    this.isEstopped = !this.#options.isOn
    this.isOn = this.#options.isOn
    if (this.#options.isHomed) this.homed = [true, true, true]
    this.isTeleop = this.#options.isHomed
    this.#timer = setInterval(() => this.#move(), 5)
  }

  /** @returns the port */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  get isMoving(): boolean {
    return this.#jogs.size > 0 || this.#homing.length > 0 || (this.interp === 'RUNNING' && this.#queue.length > 0)
  }

  /** Cuts all connections without a word. */
  cut(): void {
    for (const { socket } of this.#clients) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#running)
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  /** Somebody at LinuxCNC's own screen. */
  abortLocally(): void {
    this.#abort()
  }

  #greet(socket: Socket): void {
    const client: Client = {
      socket,
      isLinked: false,
      isEnabled: false,
      echo: true,
      verbose: false,
      waitMode: this.#options.isModern ? 'DONE' : 'RECEIVED',
      inbox: '',
    }
    this.#clients.add(client)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => this.#clients.delete(client))
    socket.on('data', (bytes) => {
      client.inbox += bytes.toString('latin1')
      const lines = client.inbox.split(/[\r\n]+/)
      client.inbox = lines.pop() ?? ''
      for (const line of lines) if (line && !this.isSilent) this.#hear(client, line)
    })
  }

  #hear(client: Client, line: string): void {
    this.heard.push(line)
    this.#move()
    const say = (text: string, isOddEnd = false): void => void client.socket.write(`${text}${isOddEnd && !this.#options.isModern ? '\n\r' : '\r\n'}`, 'latin1')
    const [verb = '', name = '', ...rest] = line.split(/\s+/)
    const third = line
      .split(/\s+/, 2)
      .reduce((left, word) => left.slice(left.indexOf(word) + word.length), line)
      .trim()
    const command = verb.toUpperCase()
    if (client.echo && client.isLinked && command !== 'HELLO') say(line)
    if (command === 'HELLO') {
      client.isLinked = name === this.#options.connectPassword && rest.length > 0
      return void say(client.isLinked ? 'HELLO ACK EMCNETSVR 1.1' : 'HELLO NAK')
    }
    if (command === 'GET') return void this.#get(name.toUpperCase(), rest, say)
    if (command !== 'SET') return void (this.#options.isModern && say(`error: Command '${verb}' not found`))
    const key = name.toUpperCase()
    const refusal = this.#set(client, key, rest, third)
    if (refusal !== undefined) {
      if (refusal && this.#options.isModern) say(`error: ${refusal}`)
      say(`SET ${key} NAK`, true)
    } else if (client.verbose) say(`SET ${key} ACK`, true)
  }

  #get(name: string, rest: string[], say: (text: string) => void): unknown {
    const { isModern } = this.#options
    const pose = (values: number[]) => [...values, ...Array(isModern ? 6 : 3).fill(0)].map((value) => value.toFixed(6)).join(' ')
    const joints = (words: string[]) => (isModern ? words : [...words, ...words.slice(0, 3).map((word) => (word === 'YES' ? 'NO' : word))]).join(' ')
    const answers: Record<string, () => string | undefined> = {
      ESTOP: () => (this.isEstopped ? 'ON' : 'OFF'),
      MACHINE: () => (this.isOn ? 'ON' : 'OFF'),
      MODE: () => this.mode,
      PROGRAM_STATUS: () => this.interp,
      PROGRAM_LINE: () => String(this.line),
      PROGRAM: () => this.file || 'NONE',
      ABS_ACT_POS: () => pose(this.position),
      REL_ACT_POS: () => pose(this.position.map((value, axis) => value - (this.offset[axis] ?? 0))),
      JOINT_HOMED: () => joints(this.homed.map((is) => (is ? 'YES' : 'NO'))),
      JOINT_LIMIT: () => joints(['OK', 'OK', 'OK']),
      JOINT_FAULT: () => joints(['OK', 'OK', 'OK']),
      FEED_OVERRIDE: () => (isModern ? this.feedOverride.toFixed(6) : String(this.feedOverride)),
      SPINDLE_OVERRIDE: () => (isModern ? `0 ${this.spindleOverride}` : String(this.spindleOverride)),
      SPINDLE: () => (isModern ? `0 ${this.spindle}` : this.spindle),
      FLOOD: () => (this.isFlooding ? 'ON' : 'OFF'),
      MIST: () => 'OFF',
      TOOL: () => String(this.tool),
      USER_LINEAR_UNITS: () => 'MM',
      TELEOP_ENABLE: () => (isModern ? (this.isTeleop ? 'ON' : 'OFF') : this.isTeleop ? 'YES' : 'NO'),
      PROGRAM_CODES: () =>
        `G${this.modal.motion} G17 G40 ${this.modal.isInches ? 'G20' : 'G21'} ${this.modal.isIncremental ? 'G91' : 'G90'} G94 G54 G49 G99 F0 S0`,
      ERROR: () => this.errors.shift() ?? 'OK',
    }
    if (name === 'INI') {
      const value = this.#options.ini[`[${rest[1]}]${rest[0]}`]
      // the old one writes whatever it wrote last
      if (!isModern) return say('USER_LINEAR_UNITS MM')
      if (value !== undefined) return say(`INI [${rest[1]}]${rest[0]}=${value}`)
      say(`error: INI file entry '[${rest[1]}]${rest[0]}' not found`)
      return say('GET INI NAK')
    }
    const text = answers[name]?.()
    say(text === undefined ? `GET ${name} NAK` : `${name} ${text}`)
  }

  /** @returns undefined when it was done, else why not */
  #set(client: Client, name: string, rest: string[], third: string): string | undefined {
    const { isModern } = this.#options
    const [first = '', second = ''] = rest
    const onOff = /^(on|1|yes)$/i.test(first)
    switch (name) {
      case 'ECHO':
        client.echo = onOff
        return undefined
      case 'VERBOSE':
        if (isModern && !client.isLinked) return 'A HELLO must be successfully negotiated for SET VERBOSE'
        client.verbose = onOff
        return undefined
      case 'ENABLE':
        if (first !== this.#options.enablePassword) return ''
        if (!isModern) for (const other of this.#clients) other.isEnabled = false
        client.isEnabled = true
        return undefined
      case 'WAIT_MODE':
      case 'SET_WAIT':
        if ((name === 'WAIT_MODE') !== isModern) return `Subcommand not found: SET ${name}`
        client.waitMode = first.toUpperCase() as 'DONE'
        return undefined
      case 'TIMEOUT':
        return undefined
      default:
        break
    }
    if (!client.isEnabled) return `Connection must be enabled for SET ${name}`
    switch (name) {
      case 'ESTOP':
        this.isEstopped = onOff
        if (onOff) {
          this.isOn = false
          this.#abort()
        }
        return undefined
      case 'MACHINE':
        if (onOff && this.isEstopped) this.errors.push("can't do that in estop")
        else this.isOn = onOff
        return undefined
      default:
        break
    }
    if (!this.isOn) return `Machine must be 'ON' for SET ${name}`
    switch (name) {
      case 'ABORT':
        this.#abort()
        return undefined
      case 'MODE':
        if (this.interp !== 'IDLE' || this.isMoving) return 'not while it moves'
        this.mode = first.toUpperCase() as 'MDI'
        return undefined
      case 'PAUSE':
        if (isModern && client.waitMode !== 'RECEIVED') return "Sending 'SET PAUSE' while not in 'WAIT_MODE RECEIVED' will stall forever"
        if (this.interp === 'RUNNING') this.interp = 'PAUSED'
        return undefined
      case 'RESUME':
        if (isModern && client.waitMode !== 'DONE') return "Sending 'SET RESUME' while not in 'WAIT_MODE DONE' may return before the system resumes"
        if (this.interp === 'PAUSED') this.interp = 'RUNNING'
        return undefined
      case 'OPEN':
        if (!this.#options.sees(third)) return isModern ? `File '${third}' not found` : ''
        this.file = third
        return undefined
      case 'RUN':
        if (this.mode !== 'AUTO' || !this.file) return 'no program, or not in auto'
        this.#program = readFileSync(this.file, 'latin1').split(/\r?\n/)
        this.line = 0
        clearTimeout(this.#running)
        if (this.#options.runsAfterMs) this.#running = setTimeout(() => (this.interp = 'RUNNING'), this.#options.runsAfterMs)
        else this.interp = 'RUNNING'
        return undefined
      case 'MDI': {
        if (this.mode !== 'MDI') return 'not in MDI'
        if (this.homed.includes(false)) {
          this.errors.push("Can't issue MDI command when not homed")
          return ''
        }
        this.interp = 'RUNNING'
        this.#interpret(third, 0)
        return undefined
      }
      case 'HOME':
      case 'JOINT_HOME':
        if (this.mode !== 'MANUAL' || this.isTeleop) return 'not now'
        if (first === '-1' && !isModern) return ''
        this.#homing = first === '-1' ? [2, 0, 1] : [Number(first)]
        for (const joint of this.#homing) this.homed[joint] = false
        return undefined
      case 'TELEOP_ENABLE':
        if (onOff && this.homed.includes(false)) return 'not homed'
        this.isTeleop = onOff
        return undefined
      case 'JOG':
      case 'JOG_INCR': {
        const axis = /^\d$/.test(first) ? Number(first) : AXES.indexOf(first.toUpperCase())
        if (this.mode !== 'MANUAL' || axis < 0 || axis > 2 || /^\d$/.test(first) === this.isTeleop) return 'Invalid axis'
        this.#jogs.set(axis, { speed: Number(second), left: name === 'JOG' ? Number.POSITIVE_INFINITY : Math.abs(Number(rest[2])) })
        return undefined
      }
      case 'JOG_STOP':
        if (/^\d$/.test(first) === this.isTeleop) return 'Invalid axis'
        this.#jogs.delete(/^\d$/.test(first) ? Number(first) : AXES.indexOf(first.toUpperCase()))
        return undefined
      case 'FLOOD':
        this.isFlooding = onOff
        return undefined
      case 'MIST':
      case 'OPTIONAL_STOP':
        return undefined
      case 'FEED_OVERRIDE':
        this.feedOverride = Number(first)
        return undefined
      case 'SPINDLE_OVERRIDE':
        this.spindleOverride = Number(first)
        return undefined
      default:
        return `Subcommand not found: SET ${name}`
    }
  }

  #abort(): void {
    clearTimeout(this.#running)
    this.#queue = []
    this.#program = undefined
    this.#jogs.clear()
    this.#homing = []
    this.interp = 'IDLE'
    this.line = 0
  }

  /** One block of RS-274, as far as the tests need it. */
  #interpret(text: string, line: number): void {
    const block = text
      .replaceAll(/\(.*?\)|;.*/g, '')
      .replaceAll(/\s/g, '')
      .toUpperCase()
    const words = [...block.matchAll(/([A-Z])(-?[\d.]+)/g)].map(([, letter = '', value]) => [letter, Number(value)] as const)
    const has = (letter: string, value: number) => words.some(([l, v]) => l === letter && v === value)
    const value = (letter: string) => words.find(([l]) => l === letter)?.[1]
    if (has('G', 20)) this.modal.isInches = true
    if (has('G', 21)) this.modal.isInches = false
    if (has('G', 90)) this.modal.isIncremental = false
    if (has('G', 91)) this.modal.isIncremental = true
    for (const motion of [0, 1]) if (has('G', motion)) this.modal.motion = motion
    if (has('M', 3)) this.spindle = 'FORWARD'
    if (has('M', 5)) this.spindle = 'OFF'
    if (has('M', 61)) this.tool = value('Q') ?? 0
    const scale = this.modal.isInches ? 25.4 : 1
    if (has('G', 4)) return void this.#queue.push({ dwellUntil: performance.now() + (value('P') ?? 0) * 1000, line })
    if (has('G', 10)) {
      for (const [axis, letter] of AXES.entries()) {
        const to = value(letter)
        if (to !== undefined) this.offset[axis] = has('L', 20) ? (this.position[axis] ?? 0) - to * scale : to * scale
      }
      return
    }
    const last = this.#queue.findLast((move) => 'to' in move)
    const from = last && 'to' in last ? last.to : this.position
    const to = from.map((here, axis) => {
      const word = value(AXES[axis] ?? '')
      if (word === undefined) return here
      if (has('G', 53)) return word * scale
      return this.modal.isIncremental ? here + word * scale : word * scale + (this.offset[axis] ?? 0)
    })
    if (to.some((place, axis) => place !== from[axis])) this.#queue.push({ to, line })
  }

  #move(): void {
    const now = performance.now()
    const elapsedMin = Math.min(now - this.#at, LONGEST_STEP_MS) / 60_000
    let left = elapsedMin * this.#options.speedMmPerMin
    this.#at = now
    for (const [axis, jog] of this.#jogs) {
      const step = Math.min(jog.left, Math.abs(jog.speed) * elapsedMin)
      this.position[axis] = (this.position[axis] ?? 0) + step * Math.sign(jog.speed)
      jog.left -= step
      if (jog.left <= 0) this.#jogs.delete(axis)
    }
    for (let joint = this.#homing[0]; joint !== undefined && left > 0; joint = this.#homing[0]) {
      const here = this.position[joint] ?? 0
      const step = Math.min(left, Math.abs(here))
      this.position[joint] = here - step * Math.sign(here)
      left -= Math.max(step, 0.01)
      if (this.position[joint] !== 0) break
      this.homed[joint] = true
      this.#homing.shift()
    }
    while (this.interp === 'RUNNING' && left > 0) {
      const move = this.#queue[0]
      if (!move) {
        if (!this.#program) {
          this.interp = 'IDLE'
          break
        }
        this.line += 1
        const text = this.#program[this.line - 1]
        if (text === undefined || /\bM0*(2|30)\b/i.test(text)) {
          this.#program = undefined
          this.line = 0
          this.interp = 'IDLE'
          break
        }
        if (/\bM0*0\b/i.test(text)) {
          this.interp = 'PAUSED'
          break
        }
        this.#interpret(text, this.line)
        continue
      }
      if ('dwellUntil' in move) {
        if (now < move.dwellUntil) break
        this.#queue.shift()
        continue
      }
      const distance = Math.hypot(...move.to.map((place, axis) => place - (this.position[axis] ?? 0)))
      if (distance <= left) {
        this.position = [...move.to]
        this.#queue.shift()
        left -= distance
      } else {
        this.position = this.position.map((here, axis) => here + (((move.to[axis] ?? here) - here) * left) / distance)
        left = 0
      }
    }
  }
}
