/** The session with LinuxCNC: opens the link, says hello, looks again and again, and says what becomes of a lost link. */
import { messageOf } from '../../../../base/errors.ts'
import { RARE_QUESTIONS, STATUS_QUESTIONS } from '../../linuxcnc/index.ts'
import { keepLink, type LinkKeeper, targetOf } from '../links/index.ts'
import type { LinuxcncCore } from './core.ts'
import { greet } from './greeting.ts'
import { endRun } from './job-end.ts'
import { followRun } from './jobs.ts'
import { followStop, holdIfUnsafe } from './stopping.ts'
import { LinuxcncTalk, type TalkListeners } from './talk.ts'

/** So many looks from one look at overrides and modes to the next. */
const RARE_EVERY = 5

export class LinuxcncSession {
  readonly #core: LinuxcncCore
  readonly #keeper: LinkKeeper
  #timer: NodeJS.Timeout | undefined
  #looking = false
  #isAgain = false
  #count = 0

  constructor(core: LinuxcncCore) {
    this.#core = core
    this.#keeper = keepLink<LinuxcncTalk>({
      target: () => targetOf(core.settings.link, undefined),
      timings: core.timings,
      newConnection: () => this.#newTalk(),
      onOpened: (talk, where) => this.#opened(talk, where),
      onFailed: (message) => {
        core.setLink(core.connectionsSoFar > 0 ? 'lost' : 'connecting')
        core.setNotice('link', `${message} The guard keeps trying.`)
      },
    })
  }

  start(): void {
    this.#keeper.open()
  }

  connect(by: string): void {
    this.#core.journal.append({ kind: 'request', what: 'connect', by })
    if (this.#core.phase.kind === 'connecting') this.#keeper.open()
  }

  async reconnect(): Promise<void> {
    const { talk } = this.#core
    this.#keeper.stop()
    clearTimeout(this.#timer)
    this.#core.phase = { kind: 'connecting' }
    this.#core.greeting = undefined
    this.#core.setLink('connecting')
    await talk?.close()
    this.#keeper.open()
  }

  async close(): Promise<void> {
    this.#keeper.stop()
    clearTimeout(this.#timer)
    await this.#core.talk?.close()
  }

  /** Resolves with a look that began after this call. */
  fresh(): Promise<void> {
    const { talk } = this.#core
    if (!talk?.isOpen) return Promise.resolve()
    const seen = this.#core.freshLook(this.#count + (this.#looking ? 1 : 0) + (this.#looking ? 0 : 1))
    this.lookSoon()
    return seen
  }

  lookSoon(): void {
    if (this.#looking) this.#isAgain = true
    else this.#look()
  }

  #newTalk(): LinuxcncTalk {
    const core = this.#core
    const listeners: TalkListeners = {
      onReceived(line) {
        core.traffic.received(line)
        core.journal.append({ kind: 'received', text: line })
      },
      onSent(line) {
        core.traffic.add('sent', line)
        core.journal.append({ kind: 'sent', text: line })
      },
      onLost: (reason) => {
        if (core.talk === talk) this.#lost(reason)
      },
    }
    const talk = new LinuxcncTalk(listeners, core.timings.silenceMs)
    return talk
  }

  #opened(talk: LinuxcncTalk, where: string): void {
    const core = this.#core
    core.connectionsSoFar += 1
    core.phase = { kind: 'greeting', talk }
    core.setNotice('link', undefined)
    core.journal.append({ kind: 'link', what: 'open', text: where })
    greet(talk, core.settings.linuxcnc, true).then(
      (greeting) => {
        if (core.talk !== talk) return
        core.greeting = greeting
        // a stop may have been asked for while it said hello
        if (core.phase.kind === 'greeting') core.phase = { kind: 'ready', talk }
        core.setNotice('greeting', undefined)
        core.setLink('connected')
        if (core.connectionsSoFar > 1) core.event('link-back', 'LinuxCNC is connected again. Nothing was sent to it.')
        this.lookSoon()
      },
      (error) => {
        if (core.talk !== talk) return
        core.setNotice('greeting', messageOf(error))
        core.phase = { kind: 'connecting' }
        core.setLink('connecting')
        talk.close().catch(() => {})
        this.#keeper.openLater()
      },
    )
  }

  #lost(reason: string): void {
    const core = this.#core
    const { run } = core
    clearTimeout(this.#timer)
    this.#looking = false
    core.journal.append({ kind: 'link', what: 'lost', text: reason })
    core.phase = { kind: 'connecting' }
    core.jog = undefined
    core.setLink('lost')
    core.setNotice('link', `The link to LinuxCNC was lost: ${reason}. The guard tries to open it again and will send nothing by itself.`)
    if (run?.hasStarted)
      endRun(
        core,
        run,
        'interrupted',
        `The link to LinuxCNC was lost (${reason}) at line ${run.currentLine}. LinuxCNC has the whole program and may run on with it, or stand; the spindle may be on. Look at the machine and stop it there if need be.`,
      )
    else run?.abort.abort(new Error('the link was lost'))
    core.event('link-lost', `The link to LinuxCNC was lost: ${reason}.`)
    this.#keeper.openLater()
  }

  #look(): void {
    const core = this.#core
    const { talk } = core
    clearTimeout(this.#timer)
    if (!talk?.isOpen || !core.greeting) return
    this.#looking = true
    this.#isAgain = false
    this.#count += 1
    const from = this.#count
    const isBusy = core.phase.kind === 'job' || core.phase.kind === 'working'
    const questions = [
      ...STATUS_QUESTIONS,
      ...(from % RARE_EVERY === 1 ? RARE_QUESTIONS : []),
      // whoever reads an error takes it from all others: only while it is ours
      ...(isBusy ? ['ERROR'] : []),
    ]
    const answers = new Map<string, string>()
    const ask = async (name: string) => {
      const answer = await talk.say(`GET ${name}`)
      if (answer.isOk) answers.set(name, answer.text)
    }
    Promise.all(questions.map(ask)).then(
      () => {
        if (core.talk !== talk) return
        this.#looking = false
        core.seen(answers)
        const error = answers.get('ERROR')
        followStop(core, () => this.lookSoon())
        followRun(core, error !== undefined && error !== 'OK' ? error : undefined)
        holdIfUnsafe(core)
        core.lookedFrom(from)
        this.#plan()
      },
      // the link is gone: told where it was noticed
      () => {
        this.#looking = false
      },
    )
  }

  #plan(): void {
    const { phase, isMoving, timings, isWatched } = this.#core
    const isCalm = phase.kind === 'ready' && !isMoving
    const pace = isCalm ? (isWatched ? Math.min(500, timings.pollIdleMs) : timings.pollIdleMs) : Math.min(100, timings.pollMovingMs)
    this.#timer = setTimeout(() => this.#look(), this.#isAgain ? 0 : pace)
  }
}
