/**
 * Makes a dialog host out of the stock editor's page before it starts: no line to the server, no deploying, no shortcuts
 * but those of a form, nothing drawn. The server refuses all of that as well (server/flows/proxy-stock.ts).
 */
import type { StockPick, StockWindow } from './stock-window.ts'

export interface StockOwner {
  language: string
  /** The tab or subflow that the open dialog's node stands on: config nodes are offered for it. */
  place(): string
  /** The dialog wants nodes picked on the canvas. */
  pick(options: StockPick): void
  /** The dialog leads to a tab or subflow. */
  show(place: string): void
  /** A form stands there whole. */
  shown(): void
  /** The person is not signed in any more. */
  signedOut(): void
}

/** Only these may be asked for by a key or by a button. */
const ACTIONS: ReadonlySet<string> = new Set(['core:confirm-edit-tray', 'core:cancel-edit-tray'])

export function prepare(frame: StockWindow, owner: StockOwner): void {
  const { RED } = frame
  const nothing = () => {}
  RED.comms.connect = nothing
  RED.deploy.init = nothing
  RED.palette.editor.init = nothing
  RED.user.login = () => owner.signedOut()
  speak(frame, owner.language)
  const invoke = RED.actions.invoke.bind(RED.actions)
  RED.actions.invoke = (name, ...about) => (ACTIONS.has(name) ? invoke(name, ...about) : undefined)
  const showTray = RED.tray.show.bind(RED.tray)
  RED.tray.show = (options) => {
    const show = options?.show
    if (options) {
      options.show = () => {
        show?.()
        owner.shown()
      }
    }
    showTray(options)
  }
  // its canvas is never seen: thousands of nodes would be drawn for nobody
  RED.view.redraw = nothing
  RED.view.focus = nothing
  RED.view.reveal = nothing
  RED.view.selectNodes = (options) => owner.pick(options)
  RED.workspaces.show = (id) => owner.show(id)
  RED.workspaces.active = () => owner.place()
  RED.workspaces.isLocked = () => false
  RED.sidebar.help.show = nothing
  RED.sidebar.info.refresh = nothing
  RED.sidebar.config.refresh = nothing
  const dirty = RED.nodes.dirty.bind(RED.nodes)
  // nothing to deploy here, so nothing to warn of when the page goes
  RED.nodes.dirty = (isDirty) => (isDirty === undefined ? false : dirty(false))
  // its own preferences (widths, shown sidebars) are not kept
  frame.$.ajaxPrefilter((options, original, request) => {
    const method = (options.method ?? options.type ?? original.type ?? 'GET').toUpperCase()
    if (method !== 'GET' && /^settings\/user/.test(options.url ?? '')) request.abort()
  })
  // a page in a frame that may not open windows: links to documentation are opened by ours, without a way back
  frame.document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a[target="_blank"][href]') as HTMLAnchorElement | null
    if (!link) return
    event.preventDefault()
    window.open(link.href, '_blank', 'noopener')
  })
}

/** The stock editor asks for its language in several places (red.js, i18n): what is kept for it, its own functions, the browser. */
function speak(frame: StockWindow, language: string): void {
  frame.RED.i18n.detectLanguage = () => language
  // it knows only the languages that its theme lists, which ours does not
  frame.RED.i18n.lang = () => language
  frame.document.documentElement.lang = language
  // of the frame's realm alone: what a person has chosen in the stock editor itself stays theirs
  const { prototype } = frame.Storage
  const { getItem } = prototype
  prototype.getItem = function (key) {
    return key === 'editor-language' ? language : getItem.call(this, key)
  }
}
