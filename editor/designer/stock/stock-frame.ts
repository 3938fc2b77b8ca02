/**
 * The frame in which the stock editor's dialogs of contributed and core nodes are shown. One for the life of the page: it is
 * loaded in a quiet moment, holds a copy of the flows, and lies over the place that {@link StockDialog} keeps for it (an
 * element that is moved in the document would load anew). What a dialog saves is one step of our history; it never deploys.
 */
import type { Language } from '../../shared/text/index.ts'
import { type FlowNode, kindOf } from '../model/raw.ts'
import type { Workspace } from '../workspace.ts'
import { takeOver } from './frame/changes.ts'
import { type Collector, collect } from './frame/collect.ts'
import { dress } from './frame/look.ts'
import { prepare } from './frame/prepare.ts'
import { Shadow } from './frame/shadow.ts'
import type { StockNode, StockPick, StockWindow } from './frame/stock-window.ts'

export type FrameState = { is: 'away' } | { is: 'loading' } | { is: 'ready' } | { is: 'failed'; why: 'slow' | 'signed-out' | 'broken' }

/** How a dialog ended: `removed` when its node was removed in it. */
export type DialogEnd = 'saved' | 'cancelled' | 'removed'

/** Nodes to be chosen on the canvas, for the open dialog. */
export interface Picking {
  prompt: string | undefined
  isSingle: boolean
  selected: readonly string[]
  /** May this node be chosen? */
  fits(id: string): boolean
  choose(ids: readonly string[]): void
  cancel(): void
}

interface Open {
  id: string
  isReadOnly: boolean
  hasSaved: boolean
  isShown: boolean
  onEnd: (end: DialogEnd) => void
}

/** Keys by which one only looks around. */
const NO_TOUCH = /^(Tab|Escape|Shift|Control|Alt|Meta|F\d+|Arrow.*|Page.*|Home|End)$/
const LOAD_MS = 60_000
/** Of the page's time for one portion of the flows, in a quiet moment. */
const PORTION_MS = 12
/** A tray takes a quarter of a second to go (red.js, tray.close); then the next one can be asked. */
const CLOSE_STEP_MS = 350
const CLOSE_LIMIT_MS = 8000
/** A form may ask the server for what is stored with it before it stands. */
const SHOW_LIMIT_MS = 15_000

export class StockFrame {
  readonly #workspace: Workspace
  readonly #listeners = new Set<() => void>()
  #element: HTMLIFrameElement | undefined
  #shadow: Shadow | undefined
  #collector: Collector | undefined
  #undress: (() => void) | undefined
  #state: FrameState = { is: 'away' }
  #open: Open | undefined
  #picking: Picking | undefined
  #place: DOMRect | undefined
  #isTouched = false
  #loading: Promise<void> | undefined
  #idle: number | undefined
  #stopWatching: (() => void)[] = []
  #language = 'en-US'
  /** The frame's, which was loaded in it. */
  #spoken = 'en-US'

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  get state(): FrameState {
    return this.#state
  }
  get picking(): Picking | undefined {
    return this.#picking
  }
  /** The node whose dialog is seen. */
  get openId(): string | undefined {
    return this.#open?.isShown ? this.#open.id : undefined
  }
  /** Something was typed or chosen in the open dialog. */
  get isTouched(): boolean {
    return this.#open !== undefined && this.#isTouched
  }
  /** For tests and for the page: the frame's element, once there is one. */
  get element(): HTMLIFrameElement | undefined {
    return this.#element
  }

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The language of the forms; another one than before takes a fresh page. */
  speak(language: Language): void {
    const wanted = language === 'de' ? 'de' : 'en-US'
    if (wanted === this.#language) return
    this.#language = wanted
    this.renew()
  }

  /** Loads the frame and gives it the flows, in quiet moments. */
  preload(): void {
    void this.load().then(
      () => this.#updateWhenIdle(),
      () => {},
    )
  }

  /** @throws Error when the stock editor's page cannot be loaded; the state says why */
  load(): Promise<void> {
    this.#loading ??= this.#start().catch((error: unknown) => {
      this.#loading = undefined
      if (this.#state.is !== 'failed') this.#set({ is: 'failed', why: 'broken' })
      this.#drop()
      throw error
    })
    return this.#loading
  }

  /** Types were installed or removed: the next dialog gets a fresh page. */
  renew(): void {
    if (this.#open || this.#state.is !== 'ready') return
    this.#drop()
    this.#loading = undefined
    this.#set({ is: 'away' })
  }

  /**
   * Opens the dialog of a node or a config node. An open one is ended first: what was changed in it counts.
   * @throws Error when there is no frame or no such node in it
   */
  async open(id: string, { isReadOnly, title, onEnd }: { isReadOnly: boolean; title: string; onEnd: (end: DialogEnd) => void }): Promise<void> {
    if (this.#open) await this.finish()
    if (this.#spoken !== this.#language) this.renew()
    await this.load()
    const frame = this.#window()
    const shadow = this.#shadow
    if (!frame || !shadow || !this.#collector) throw new Error('The dialogs are not loaded')
    const flows = this.#workspace.model.export()
    shadow.forget(id)
    shadow.update(flows)
    const node = frame.RED.nodes.node(id)
    if (!node) throw new Error(`The dialogs do not know the node ${id}`)
    shadow.forgetCredentials(this.#workspace.secrets.waiting)
    this.#open = { id, isReadOnly, hasSaved: false, isShown: false, onEnd }
    this.#isTouched = false
    if (this.#element) this.#element.title = title
    frame.document.documentElement.classList.toggle('cw-read-only', isReadOnly)
    this.#collector.begin()
    if (node._def.category === 'config') frame.RED.editor.editConfig('', node.type, id, null)
    else frame.RED.editor.edit(node)
    const open = this.#open
    await this.#changeOr(SHOW_LIMIT_MS, () => open.isShown || this.#open !== open)
    if (this.#open === open && !open.isShown) {
      open.onEnd = () => {}
      await this.finish('cancel')
      throw new Error(`The form of ${node.type} did not come`)
    }
  }

  /**
   * Ends the open dialog as its own button does; dialogs opened from it first. Resolves when it is closed. A form in which nothing
   * was touched is not saved: many types write their values in another way than they found them, which nobody has asked for.
   */
  async finish(how: 'save' | 'cancel' = 'save'): Promise<void> {
    const open = this.#open
    const frame = this.#window()
    if (!open || !frame) return
    const isSave = !open.isReadOnly && how === 'save' && this.#isTouched
    this.#picking?.cancel()
    const until = performance.now() + CLOSE_LIMIT_MS
    while (this.#open === open && performance.now() < until) {
      frame.RED.actions.invoke(isSave ? 'core:confirm-edit-tray' : 'core:cancel-edit-tray')
      await this.#changeOr(CLOSE_STEP_MS, () => this.#open !== open)
    }
    // a dialog that does not close must not hold the page: what it had not saved is lost, and the next one gets a fresh page
    if (this.#open === open) {
      this.#ended()
      this.#drop()
      this.#loading = undefined
      this.#set({ is: 'away' })
    }
  }

  /** Waits until it is so, or so long. */
  #changeOr(limitMs: number, isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        stop()
        resolve()
      }
      const stop = this.watch(() => {
        if (isSo()) done()
      })
      const timer = setTimeout(done, limitMs)
      if (isSo()) done()
    })
  }

  /** Where the dialog is seen, on the page; undefined: nowhere for now. */
  lay(place: DOMRect | undefined): void {
    this.#place = place
    this.#lay()
  }

  focus(): void {
    this.#element?.focus()
    const form = this.#window()?.document.querySelector<HTMLElement>(
      '.red-ui-tray-body :is(input, select, textarea, button, [tabindex="0"]):not([type="hidden"])',
    )
    form?.focus()
  }

  close(): void {
    this.#drop()
    this.#loading = undefined
    this.#state = { is: 'away' }
  }

  #window(): StockWindow | undefined {
    return (this.#element?.contentWindow as StockWindow | null) ?? undefined
  }

  async #start(): Promise<void> {
    this.#set({ is: 'loading' })
    const element = document.createElement('iframe')
    element.className = 'stock-frame'
    element.dataset.testid = 'stock-frame'
    element.title = ''
    element.tabIndex = -1
    element.src = '/stock/'
    this.#element = element
    this.#lay()
    const loaded = new Promise<void>((resolve, reject) => {
      element.addEventListener('load', () => resolve(), { once: true })
      element.addEventListener('error', () => reject(new Error('The page of the dialogs did not load')), { once: true })
    })
    document.body.append(element)
    await withLimit(loaded, LOAD_MS)
    const frame = this.#window()
    if (!frame?.RED?.init) throw new Error('The page of the dialogs is not the stock editor')
    this.#undress = dress(frame.document)
    const shadow = new Shadow(frame)
    this.#spoken = this.#language
    prepare(frame, {
      language: this.#language,
      place: () => this.#placeOfOpen(),
      pick: (options) => this.#pick(options),
      show: (place) => this.#show(place),
      shown: () => {
        if (!this.#open || this.#open.isShown) return
        this.#open.isShown = true
        this.#lay()
        this.#tell()
      },
      signedOut: () => {
        this.#set({ is: 'failed', why: 'signed-out' })
        this.#drop()
        this.#loading = undefined
      },
    })
    const ready = new Promise<void>((resolve) => frame.RED.events.on('flows:loaded', () => frame.setTimeout(resolve, 0)))
    frame.RED.init({ apiRootUrl: '' })
    await withLimit(ready, LOAD_MS)
    this.#shadow = shadow
    this.#collector = collect(frame, {
      model: this.#workspace.model,
      shadow,
      onChanges: (changes) => {
        if (!this.#open || this.#open.isReadOnly) return
        this.#open.hasSaved = true
        takeOver(this.#workspace.model, changes)
        for (const [id, values] of Object.entries(changes.credentials)) this.#workspace.secrets.set(id, values)
      },
    })
    frame.RED.events.on('editor:close', () => this.#ended())
    // what scripts do to a form while they build it is not the person's doing; `input` is sent by nobody else
    frame.document.addEventListener('input', () => this.#touch(), true)
    for (const name of ['change', 'click', 'drop', 'paste', 'cut', 'keydown'])
      frame.document.addEventListener(name, (event) => event.isTrusted && this.#touch(event), true)
    frame.addEventListener('keydown', (event) => this.#key(event, frame))
    this.#stopWatching.push(
      this.#workspace.on('model', () => this.#updateWhenIdle()),
      this.#workspace.on('types', () => this.renew()),
    )
    this.#set({ is: 'ready' })
  }

  #touch(event?: Event): void {
    if (event?.type === 'keydown' && NO_TOUCH.test((event as KeyboardEvent).key)) return
    if (this.#open) this.#isTouched = true
  }

  /** Escape closes as it does everywhere in the designer; what is open over the form (a list, a finder) has it first. */
  #key(event: KeyboardEvent, frame: StockWindow): void {
    if (event.key !== 'Escape' || event.defaultPrevented || !this.#open) return
    const target = event.target as Element | null
    if (target?.closest('.monaco-editor')) return
    const over = frame.document.querySelectorAll<HTMLElement>(
      '.red-ui-popover, .red-ui-typedInput-options, .red-ui-menu-dropdown, .red-ui-notification, .ui-dialog, .ui-autocomplete, .red-ui-autoComplete-container',
    )
    if ([...over].some((element) => element.checkVisibility())) return
    event.preventDefault()
    frame.RED.actions.invoke('core:cancel-edit-tray')
  }

  #placeOfOpen(): string {
    const node = this.#open && this.#workspace.model.get(this.#open.id)
    const own = node?.z
    if (typeof own === 'string' && own !== '') return own
    return (node && this.#workspace.place) || ''
  }

  #ended(): void {
    const open = this.#open
    if (!open) return
    this.#collector?.end()
    this.#open = undefined
    this.#picking = undefined
    this.#shadow?.forget(open.id)
    this.#lay()
    this.#tell()
    open.onEnd(this.#workspace.model.get(open.id) ? (open.hasSaved ? 'saved' : 'cancelled') : 'removed')
  }

  #pick(options: StockPick): void {
    const frame = this.#window()
    if (!frame) return
    const done = (work: () => void) => {
      if (this.#picking !== picking) return
      this.#picking = undefined
      this.#touch()
      work()
      this.#lay()
      this.#tell()
    }
    const picking: Picking = {
      prompt: typeof options.prompt === 'string' ? options.prompt.replace(/<[^>]*>/g, '') : undefined,
      isSingle: options.single === true,
      selected: options.selected ?? [],
      fits: (id) => {
        const node = frame.RED.nodes.node(id)
        return node !== null && node !== undefined && (options.filter?.(node) ?? true)
      },
      choose: (ids) =>
        done(() => {
          const nodes = ids.map((id) => frame.RED.nodes.node(id)).filter((node): node is StockNode => node !== null && node !== undefined)
          const [first] = nodes
          if (!options.single) options.onselect?.(nodes)
          else if (first) options.onselect?.(first)
          else options.oncancel?.()
        }),
      cancel: () => done(() => options.oncancel?.()),
    }
    this.#picking = picking
    this.#lay()
    this.#tell()
  }

  #show(place: string): void {
    if (this.#open && this.#workspace.model.get(place)) this.#workspace.open(place)
  }

  #lay(): void {
    const { style } = this.#element ?? {}
    const element = this.#element
    if (!style || !element) return
    const place = this.#place
    const isSeen = this.#open?.isShown === true && place !== undefined && this.#picking === undefined
    element.toggleAttribute('data-seen', isSeen)
    element.inert = !isSeen
    element.tabIndex = isSeen ? 0 : -1
    if (!place) return
    style.left = `${place.left}px`
    style.top = `${place.top}px`
    style.width = `${place.width}px`
    style.height = `${place.height}px`
  }

  #updateWhenIdle(): void {
    if (this.#idle !== undefined || this.#open || this.#state.is !== 'ready') return
    this.#idle = whenIdle(() => {
      this.#idle = undefined
      if (this.#open || this.#state.is !== 'ready') return
      const isComplete = this.#shadow?.update(this.#workspace.model.export(), performance.now() + PORTION_MS) ?? true
      if (!isComplete) this.#updateWhenIdle()
    })
  }

  #drop(): void {
    this.#undress?.()
    this.#undress = undefined
    for (const stop of this.#stopWatching) stop()
    this.#stopWatching = []
    this.#element?.remove()
    this.#element = undefined
    this.#shadow = undefined
    this.#collector = undefined
    const open = this.#open
    this.#open = undefined
    this.#picking = undefined
    open?.onEnd('cancelled')
  }

  #set(state: FrameState): void {
    this.#state = state
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** Has this node a dialog there? Tabs, groups and subflows are the designer's own; a type of ours has our form. */
export function hasStockDialog(workspace: Workspace, node: FlowNode): boolean {
  const kind = kindOf(node)
  if (kind !== 'node' && kind !== 'config') return false
  const type = workspace.types.get(node.type)
  // values for all flows have no dialog in the stock editor; the designer has one
  return type !== undefined && type.configSchema === undefined && node.type !== 'global-config'
}

function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The page of the dialogs took too long')), limitMs)
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}

// Safari has no requestIdleCallback
const whenIdle = (work: () => void): number =>
  'requestIdleCallback' in window ? requestIdleCallback(work, { timeout: 5000 }) : (setTimeout(work, 200) as unknown as number)
