/** The session with the controller: opens the link, listens, and says what becomes of a link that is lost. */

import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '../../../base/errors.ts'
import { Connection } from './connection.ts'
import { onBanner, onMessage, onStrayAnswer } from './controller-says.ts'
import type { GuardCore } from './core.ts'
import { becomeReady } from './identification.ts'
import { endJobSoon } from './job-end.ts'
import { onProgramAnswer } from './job-life.ts'
import { keepLink, type LinkKeeper, targetOf } from './links/index.ts'
import { connectionOf, runOf, workOf } from './phase.ts'
import { createPoller } from './poller.ts'

export class Session {
  readonly #core: GuardCore
  readonly #keeper: LinkKeeper

  constructor(core: GuardCore) {
    this.#core = core
    this.#keeper = keepLink({
      target: () => targetOf(core.settings.link, core.virtualPort),
      timings: core.timings,
      ...(core.listPorts ? { listPorts: core.listPorts } : {}),
      newConnection: () => this.#newConnection(),
      onOpened: (connection, where) => this.#opened(connection, where),
      onFailed: (message) => {
        core.view.setLink(core.connectionsSoFar > 0 ? 'lost' : 'connecting')
        core.view.setNotice('link', `${message} The guard keeps trying.`)
      },
    })
  }

  /** Opens the link or, where a guard before this one may have left the machine in motion, waits for a person. */
  start(isRestart: boolean): void {
    if (isRestart && this.#resetsOnOpen()) this.#waitForPerson()
    else this.#keeper.open()
  }

  /** Opens the port though that may reset the controller. */
  connect(by: string): void {
    this.#core.journal.append({ kind: 'request', what: 'connect', by })
    if (this.#core.phase.kind === 'waiting-for-person') this.#openAgain()
    else if (this.#core.phase.kind === 'connecting') this.#keeper.open()
  }

  /** Opens the link anew, where the settings say it is now. */
  async reconnect(): Promise<void> {
    const connection = connectionOf(this.#core.phase)
    // a port that is closed before it says so: what ran over it has ended, and must be told
    if (connection && !connection.isOpen) connection.lost('its port was closed')
    this.#keeper.stop()
    this.#core.poller?.stop()
    this.#core.identity = undefined
    this.#core.phase = { kind: 'connecting' }
    await connection?.close()
    this.#openAgain()
  }

  /**
   * Where the virtual controller is from now on; undefined while there is none. Its old port is not opened again: the system
   * gives a free terminal's name to the next one that asks, and that may be another machine's.
   */
  async virtualPortChanged(port: string | undefined): Promise<void> {
    if (port === this.#core.virtualPort || this.#core.phase.kind === 'closed') return
    const isVirtual = this.#core.settings.link.kind === 'virtual'
    if (isVirtual && port !== undefined) connectionOf(this.#core.phase)?.lost('the virtual controller was started anew')
    this.#core.virtualPort = port
    if (isVirtual && port !== undefined) await this.reconnect()
  }

  /** Lets go of the port. */
  async close(connection: Connection | undefined): Promise<void> {
    this.#keeper.stop()
    this.#core.poller?.stop()
    await connection?.close('The guard ends.')
  }

  #resetsOnOpen(): boolean {
    return this.#core.settings.link.kind === 'serial' && this.#core.settings.link.resetsOnOpen
  }

  #waitForPerson(): void {
    this.#core.phase = { kind: 'waiting-for-person' }
    this.#core.view.setLink('waiting-for-person')
    this.#core.view.setNotice(
      'link',
      'Opening the port may reset the controller, and a machine that still moves would lose its position. Look at the machine, then choose Connect.',
    )
  }

  #openAgain(): void {
    this.#core.phase = { kind: 'connecting' }
    this.#core.view.setLink('connecting')
    this.#keeper.open()
  }

  #newConnection(): Connection {
    const ifCurrent = (act: () => void) => {
      if (connectionOf(this.#core.phase) === connection) act()
    }
    const connection: Connection = new Connection({
      onMessage: (message) => ifCurrent(() => onMessage(this.#core, message)),
      onProgramAnswer: (line, answer) => ifCurrent(() => onProgramAnswer(this.#core, line, answer)),
      onBanner: (wasAsked) => ifCurrent(() => onBanner(this.#core, connection, wasAsked)),
      onStrayAnswer: (text) => {
        this.#core.journal.append({ kind: 'received', text: `(stray) ${text}` })
        ifCurrent(() => onStrayAnswer(this.#core))
      },
      onReceived: (line) => {
        this.#core.traffic.received(line)
        if (line !== 'ok' && !line.startsWith('<')) this.#core.journal.append({ kind: 'received', text: line })
      },
      onSent: (text) => {
        if (/^\$13=/.test(text)) this.#core.areReportsUnclear = true
        this.#core.traffic.add('sent', text, this.#askedBy())
        this.#core.journal.append({ kind: 'sent', text })
      },
      // the job writes its own lines down
      onProgramSent: (text) => this.#core.traffic.add('sent', text, this.#askedBy()),
      onRealtime: (name) => {
        if (name === 'status') return
        this.#core.traffic.add('realtime', name)
        this.#core.journal.append({ kind: 'realtime', byte: name })
      },
      onLost: (reason) => ifCurrent(() => this.#onLost(connection, reason)),
    })
    return connection
  }

  /** On whose behalf lines go out now. */
  #askedBy(): string | undefined {
    const { phase } = this.#core
    return workOf(phase)?.by ?? runOf(phase)?.request.by
  }

  #opened(connection: Connection, where: string): void {
    this.#core.connectionsSoFar += 1
    this.#core.banners = []
    this.#core.setHold({ kind: 'none' })
    this.#core.setDoubt(undefined)
    this.#core.phase = { kind: 'identifying', connection }
    this.#core.view.setNotice('link', undefined)
    this.#core.view.setLink('connected')
    this.#core.journal.append({ kind: 'link', what: 'open', text: where })
    if (this.#core.connectionsSoFar > 1) this.#core.event('link-back', 'The controller is connected again. Nothing was sent to it.')
    this.#listen(connection).catch((error) => this.#core.view.setNotice('identify', messageOf(error)))
  }

  async #listen(connection: Connection): Promise<void> {
    if (this.#resetsOnOpen()) {
      // an Arduino's boot loader listens first; what it hears may keep it from starting Grbl
      const until = performance.now() + this.#core.timings.bootMs
      while (performance.now() < until && this.#core.banners.length === 0 && connection.isOpen) await pause(20)
    }
    if (connectionOf(this.#core.phase) !== connection) return
    this.#core.poller?.stop()
    this.#core.poller = createPoller({
      ask: () => {
        if (connection.isOpen) connection.realtime('status')
      },
      intervalMs: () => this.#pollInterval(),
      waitingIntervalMs: this.#core.timings.pollWaitingMs,
      silenceMs: () => this.#silenceLimit(connection),
      onSilence: () => connection.lost('the controller does not answer any more'),
    })
    this.#core.poller.now()
    // a stop may have been asked for meanwhile
    if (this.#core.phase.kind === 'identifying') becomeReady(this.#core, connection)
  }

  #onLost(connection: Connection, reason: string): void {
    // where it is was not certain when its position had just jumped
    const isQuiet = this.#core.isStanding && connection.outstandingCount === 0 && !this.#core.doubt
    const phase = this.#core.phase
    const run = runOf(phase)
    this.#core.breaks += 1
    // one that is only silent is still there
    if (!connection.hasLink) this.#core.virtualPort = undefined
    this.#core.poller?.stop()
    this.#core.journal.append({ kind: 'link', what: 'lost', text: reason })
    this.#core.positionAtLoss = isQuiet ? this.#core.view.status.machinePositionMm : undefined
    if (!isQuiet) this.#core.setTrust(false, 'The link was lost while the machine moved or had lines to run. Home it before anything else moves.')
    this.#core.phase = { kind: 'connecting' }
    this.#core.view.setLink('lost')
    this.#core.view.setNotice('link', `The link to the controller was lost: ${reason}. The guard tries to open it again and will send nothing by itself.`)
    if (run) {
      const text =
        `The link to the controller was lost (${reason}) at line ${run.currentLine}, with ${run.linesSent - run.linesAcknowledged} lines not acknowledged. ` +
        "The position is uncertain: what was in the controller's buffers runs out, and the spindle may be on. Look at the machine."
      endJobSoon(this.#core, run, 'interrupted', text)
    }
    this.#core.event('link-lost', `The link to the controller was lost: ${reason}.`)
    if (phase.kind === 'stopping') {
      phase.control?.abandon()
      phase.finished.resolve()
    }
    if (!isQuiet && this.#resetsOnOpen()) this.#waitForPerson()
    else this.#keeper.openLater()
  }

  #pollInterval(): number {
    if (this.#core.phase.kind === 'stopping' || this.#core.hold.kind === 'asked' || this.#core.doubt) return this.#core.timings.pollWaitingMs
    const isStill = this.#core.isStanding && this.#core.phase.kind !== 'job'
    if (!isStill) return this.#core.timings.pollMovingMs
    return this.#core.isWatched ? this.#core.timings.pollIdleMs : this.#core.timings.pollUnwatchedMs
  }

  #silenceLimit(connection: Connection): number | undefined {
    const phase = this.#core.phase
    // Grbl answers no `?` while it homes and after a critical alarm; in a stop the steps have their own limits
    if (this.#core.view.isLocked || this.#core.view.status.state === 'home' || connection.isAwaitingBanner) return undefined
    if (phase.kind === 'identifying' || phase.kind === 'stopping' || (phase.kind === 'working' && phase.what === 'homing')) return undefined
    return this.#core.timings.silenceMs
  }
}
