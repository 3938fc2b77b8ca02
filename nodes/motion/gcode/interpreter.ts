/**
 * What a line does: the modal state, the offsets, the moves, in the order of RS274/NGC (3.8) and with the errors of grbl 1.1
 * (gcode.c, STEP 3). A line that cannot be taken changes nothing but the findings.
 */
import { type Block, letterBit } from './block.ts'
import { AXIS_LETTERS, type MachineModel, type ProgramListener } from './contract.ts'
import { Course } from './course.ts'
import { freshCycle, planCycle, runCycle } from './cycles.ts'
import { type Findings, Refusal } from './findings.ts'
import { axisColumn, checkWords, freshFacts, type LineFacts, type LineRules, readFacts } from './line-facts.ts'
import { codeName, GROUP, groupBit, isCycle } from './modal-groups.ts'
import { checkFeed, ModeKeeper, scaleOf, setModes } from './modes.ts'
import { centreWords, freshPlan, goMove, pathFeed, planMove } from './motion-words.ts'
import { checkOffsetWords, freshG92, goHome, setG92, setWorkOffset } from './offsets.ts'
import { normalisedLength, type Output } from './output.ts'
import { send } from './sending.ts'

/** grbl 1.1 gcode.c MAX_LINE_NUMBER. */
const MOST_LINE_NUMBER = 10_000_000

/** Where nothing else is said, a longer dwell is worth a word: posts for other controllers mean milliseconds. */
const LONG_DWELL_S = 120

const AXIS_INDEX = Uint8Array.from(AXIS_LETTERS, (letter) => letter.charCodeAt(0) - 65)
const AXIS_BITS = Int32Array.from(AXIS_LETTERS, letterBit)
const F = letterBit('F')
const N = letterBit('N')
const P = letterBit('P')
const FEED_INDEX = 5
const MOTION_BIT = groupBit(GROUP.motion)

export class Interpreter {
  readonly course: Course
  readonly model: MachineModel
  readonly findings: Findings
  readonly output: Output
  readonly listener: ProgramListener
  /** G92 as it is kept aside. */
  readonly g92 = freshG92()
  hasEnded = false
  /** mm/min. */
  largestFeed = 0
  readonly #rules: LineRules
  readonly #facts = freshFacts()
  readonly #plan = freshPlan()
  readonly #cycle = freshCycle()
  readonly #keeper = new ModeKeeper()
  readonly #plainLetters: number
  readonly #maxFeed: number
  readonly #maxLineLength: number
  #hasUnits = false
  #hasToldUnits = false
  #hasToldTool = false
  #lastNumber = -1
  #hasToldNumbers = false

  constructor(parts: { model: MachineModel; listener: ProgramListener; findings: Findings; output: Output }) {
    this.model = parts.model
    this.listener = parts.listener
    this.findings = parts.findings
    this.output = parts.output
    this.course = new Course(parts.model, parts.listener, parts.findings)
    const { dialect } = parts.model
    let axisLetters = 0
    for (let axis = 0; axis < dialect.axisCount; axis += 1) axisLetters |= AXIS_BITS[axis] as number
    this.#rules = { dialect, axisLetters }
    this.#plainLetters = axisLetters | F
    this.#maxFeed = parts.model.maxFeedMmPerMin ?? Number.POSITIVE_INFINITY
    this.#maxLineLength = dialect.maxLineLength
    this.g92.kept.set(this.course.g92)
  }

  /** Letters that name an axis of this machine, as bits. */
  get axisLetters(): number {
    return this.#rules.axisLetters
  }

  /** Does what the line says. */
  execute(block: Block): void {
    const { modal, hasSlack } = this.course
    const isPlain = (block.groups & ~MOTION_BIT) === 0 && (block.letters & ~this.#plainLetters) === 0 && !block.isOdd
    if (isPlain && modal.feedMode === 940 && !hasSlack) {
      const motion = block.groups === 0 ? modal.motion : (block.codes[GROUP.motion] as number)
      if ((motion === 0 || motion === 10) && (block.letters & this.#rules.axisLetters) !== 0) {
        this.#plain(block, motion)
        return
      }
    }
    this.#keeper.keep(this.course)
    try {
      this.#full(block)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#keeper.putBack(this.course)
      this.findings.error(error.column, error.code, error.message)
    }
  }

  /** A straight move and nothing else: most lines of most programs. */
  #plain(block: Block, motion: number): void {
    const { course } = this
    const { modal, target, position, offset, axisCount } = course
    const { values, letters } = block
    const scale = modal.isInches ? 25.4 : 1
    let { feed } = modal
    if (letters & F) {
      feed = (values[FEED_INDEX] as number) * scale
      if (feed < 0) {
        this.findings.error(block.columns[FEED_INDEX] as number, 'value-negative', 'F must not be negative.')
        return
      }
      if (feed > this.largestFeed) this.largestFeed = feed
      if (feed > this.#maxFeed) checkFeed(feed, block.columns[FEED_INDEX] as number, this)
    }
    let column = 0
    for (let axis = 0; axis < axisCount; axis += 1) {
      if ((letters & (AXIS_BITS[axis] as number)) === 0) {
        target[axis] = position[axis] as number
        continue
      }
      const index = AXIS_INDEX[axis] as number
      const at = block.columns[index] as number
      if (column === 0 || at < column) column = at
      const value = axis < 3 ? (values[index] as number) * scale : (values[index] as number)
      target[axis] = modal.isIncremental ? value + (position[axis] as number) : value + (offset[axis] as number)
    }
    if (motion !== 0 && feed <= 0) {
      this.findings.error(column, 'feed-missing', 'No feed (F) has been set before this move.')
      return
    }
    if (block.end - block.start > this.#maxLineLength && this.#isTooLong(block)) return
    modal.feed = feed
    if (modal.motion !== motion) {
      modal.motion = motion
      this.#cycle.motion = 0
    }
    this.#beforeMove(motion !== 0, column)
    this.output.source(block, this.findings.line)
    if (motion === 0) course.straight('rapid', 0, column)
    else course.straight('feed', feed, column)
  }

  /** Everything is worked out before anything is done or sent. */
  #full(block: Block): void {
    const { course } = this
    const facts = this.#facts
    this.#checkForm(block)
    readFacts(facts, block, course.modal, this.#rules)
    checkWords(facts, block, this.#rules)
    if (block.letters & N) this.#lineNumber(block)
    const previousTool = course.modal.tool
    setModes(block, facts, { course, model: this.model, findings: this.findings, axisLetters: this.#rules.axisLetters })
    if (block.has(GROUP.units)) this.#hasUnits = true
    if (course.modal.feedMode === 940 && course.modal.feed > this.largestFeed) this.largestFeed = course.modal.feed
    this.#checkRest(block, facts)
    const cycle = facts.isCycle ? this.#planCycle(block, facts) : undefined
    if (facts.isMoving && !facts.isCycle) this.#planMove(block, facts)

    if (block.has(GROUP.toolChange)) this.#changeTool(block, previousTool)
    const centre = facts.isMoving && !facts.isCycle ? centreWords(this.#plan, block, { course, rules: this.#rules }) : undefined
    send(
      block,
      { facts, isRewrittenCycle: cycle?.isWritten === true, centre },
      { dialect: this.#rules.dialect, axisLetters: this.#rules.axisLetters, output: this.output, findings: this.findings },
    )
    this.#accessories(block)
    if (facts.nonModal === 40) this.listener.event?.({ kind: 'dwell', line: this.findings.line, seconds: block.value('P') })
    this.#nonModal(block, facts)
    if (cycle) runCycle(cycle, { memory: this.#cycle, course, output: this.output, listener: this.listener })
    else if (facts.isMoving) {
      if (this.#plan.kind !== 'none') this.#beforeMove(this.#plan.kind !== 'rapid', this.#plan.column)
      goMove(this.#plan, course)
    }
    if (!isCycle(course.modal.motion)) this.#cycle.motion = 0
    if (block.has(GROUP.stopping)) this.#stopping(block)
  }

  #checkForm(block: Block): void {
    const { evaluated } = block
    const length = evaluated === undefined ? (block.end - block.start > this.#maxLineLength ? normalisedLength(block) : 0) : evaluated.length
    if (length > this.#maxLineLength) throw this.#tooLong(length)
    if (block.nestedColumn > 0) this.findings.note(block.nestedColumn, 'comment-nested', 'There is a comment in a comment: both are left out.')
    if (block.spacedColumn > 0)
      this.findings.warn(block.spacedColumn, 'number-spaced', 'There are spaces inside a number: it is read as if they were not there.')
  }

  #tooLong(length: number): Refusal {
    return new Refusal(1, 'line-too-long', `The line has ${length} characters without spaces and comments; this controller takes ${this.#maxLineLength}.`)
  }

  #isTooLong(block: Block): boolean {
    const length = normalisedLength(block)
    if (length <= this.#maxLineLength) return false
    const { column, code, message } = this.#tooLong(length)
    this.findings.error(column, code, message)
    return true
  }

  #lineNumber(block: Block): void {
    const { dialect } = this.#rules
    const number = block.value('N')
    if (number > MOST_LINE_NUMBER && dialect.takes.lineNumbers && dialect.id !== 'linuxcnc')
      throw new Refusal(block.column('N'), 'line-number', `N${number} is larger than the largest line number, ${MOST_LINE_NUMBER}.`)
    if (number <= this.#lastNumber && !this.#hasToldNumbers && !this.findings.isReplaying) {
      this.#hasToldNumbers = true
      this.findings.note(block.column('N'), 'line-numbers', `N${number} comes after N${this.#lastNumber}: the line numbers do not go up.`)
    }
    this.#lastNumber = number
  }

  /** What can still be wrong with codes that are no moves. @throws Refusal */
  #checkRest(block: Block, { nonModal }: LineFacts): void {
    if (nonModal === 40) {
      if (!(block.letters & P)) throw new Refusal(block.codeColumn(GROUP.nonModal), 'word-missing', 'G4 needs P, the seconds to wait.')
      const seconds = block.value('P')
      const most = this.model.maxDwellS
      if (most === undefined && seconds > LONG_DWELL_S)
        this.findings.warn(block.column('P'), 'dwell-long', `G4 waits ${seconds} s. P counts seconds here, not milliseconds.`)
      else if (most !== undefined && seconds > most) {
        const text = `G4 would wait ${seconds} s; the longest dwell allowed is ${most} s. P counts seconds here, not milliseconds.`
        this.findings.error(block.column('P'), 'dwell-too-long', text)
      }
    } else if (nonModal === 100 || nonModal === 920) checkOffsetWords(this, block, nonModal)
    if (block.has(GROUP.toolChange) && block.code(GROUP.toolChange) === 610 && !block.hasLetter('Q'))
      throw new Refusal(block.codeColumn(GROUP.toolChange), 'word-missing', 'M61 needs Q, the number of the tool in the spindle.')
  }

  #planMove(block: Block, facts: LineFacts): void {
    const plan = this.#plan
    planMove(plan, block, facts, { course: this.course, findings: this.findings, rules: this.#rules })
    // in G93 and G95 the feed is known only with the move
    if (this.course.modal.feedMode !== 940 && plan.kind !== 'rapid' && plan.kind !== 'none') checkFeed(plan.feed, plan.column, this)
  }

  #planCycle(block: Block, { motion, hasAxes }: LineFacts): ReturnType<typeof planCycle> {
    const { course } = this
    const { dialect } = this.#rules
    const column = hasAxes ? axisColumn(block, course.axisCount) : block.firstColumn()
    if (course.modal.feed <= 0) throw new Refusal(column, 'feed-missing', 'No feed (F) has been set before this cycle.')
    const isWritten = !dialect.takes.cannedCycles || !dialect.gCodes.has(motion)
    const plan = planCycle({ block, motion, memory: this.#cycle, course, line: this.findings.line, column, feed: pathFeed(course, 0), isWritten })
    if (isWritten && (motion === 840 || motion === 740)) {
      const text = `${codeName('G', motion)} is written out as feed moves with the spindle reversed: use a floating tap holder.`
      this.findings.warn(column, 'tapping', text)
    }
    this.#beforeMove(true, column)
    return plan
  }

  #beforeMove(isCut: boolean, column: number): void {
    if (!this.#hasUnits && !this.#hasToldUnits) this.#unitsMissing(column)
    if (isCut && !this.#hasToldTool) this.#toolMissing(column)
  }

  #changeTool(block: Block, previous: number): void {
    const { modal } = this.course
    this.#hasToldTool = true
    if (block.code(GROUP.toolChange) === 610) {
      modal.tool = block.value('Q')
      return
    }
    modal.tool = modal.selectedTool
    this.listener.event?.({ kind: 'tool-change', line: this.findings.line, tool: modal.tool, previous })
  }

  #accessories(block: Block): void {
    const { modal } = this.course
    const { line } = this.findings
    const turn = block.has(GROUP.spindle) ? block.code(GROUP.spindle) / 10 : undefined
    if (turn === 3 || turn === 4 || turn === 5) {
      modal.spindle = turn
      this.course.spindleChanged()
      this.listener.event?.({ kind: 'spindle', line, turn, rpm: modal.spindleRpm })
    } else if (modal.spindle !== 5 && modal.spindleRpm !== this.#keeper.spindleRpm) {
      this.listener.event?.({ kind: 'spindle', line, turn: modal.spindle, rpm: modal.spindleRpm })
    }
    if (!block.has(GROUP.coolant)) return
    const code = block.code(GROUP.coolant)
    if (code === 90) modal.isMistOn = false
    if (code === 90) modal.isFloodOn = false
    if (code === 70) modal.isMistOn = true
    if (code === 80) modal.isFloodOn = true
    this.listener.event?.({ kind: 'coolant', line, isFloodOn: modal.isFloodOn, isMistOn: modal.isMistOn })
  }

  #nonModal(block: Block, { nonModal }: LineFacts): void {
    const { course } = this
    switch (nonModal) {
      case 100:
        setWorkOffset(this, block)
        return
      case 280:
      case 300:
        this.#beforeMove(false, block.codeColumn(GROUP.nonModal))
        goHome(this, block, nonModal)
        return
      case 281:
        course.g28.set(course.position)
        course.slack.g28.set(course.slack.position)
        return
      case 301:
        course.g30.set(course.position)
        course.slack.g30.set(course.slack.position)
        return
      case 920:
      case 921:
      case 922:
      case 923:
        setG92(this, block, nonModal)
        return
      default:
    }
  }

  #stopping(block: Block): void {
    const { line } = this.findings
    const code = block.code(GROUP.stopping)
    if (code !== 20 && code !== 300) {
      this.listener.event?.({ kind: 'stop', line, isOptional: code === 10 })
      return
    }
    this.listener.event?.({ kind: 'end', line })
    this.hasEnded = true
    // grbl 1.1 gcode.c, program flow: these go back to their defaults, units and feed stay
    const { modal } = this.course
    modal.motion = 10
    modal.plane = 170
    modal.isIncremental = false
    modal.feedMode = 940
    modal.workOffset = 0
    modal.spindle = 5
    modal.isFloodOn = false
    modal.isMistOn = false
    this.course.refreshOffset()
  }

  #unitsMissing(column: number): void {
    this.#hasToldUnits = true
    const unit = this.course.modal.isInches ? 'inches' : 'mm'
    const text = `The program moves before it says G20 (inches) or G21 (mm): it counts in ${unit} because the controller is set so.`
    this.findings.warn(column, 'units-unclear', text)
  }

  #toolMissing(column: number): void {
    this.#hasToldTool = true
    const { tool, selectedTool } = this.course.modal
    if (tool !== 0) return
    const text = selectedTool === 0 ? 'The program cuts without naming a tool (T, M6).' : `The program cuts with T${selectedTool} selected and no M6 before it.`
    this.findings.note(column, 'tool-unclear', text)
  }

  /** 25.4 in inches. */
  get scale(): number {
    return scaleOf(this.course.modal)
  }
}
