/** Actions on the page itself: panels, colours, the command palette and the menu as actions. */
import { ExternalLink, Keyboard, Menu, Moon, Search, Sun } from 'lucide-react'
import type { Action } from '../host/action.ts'
import type { DesignerHost, SidePanel } from '../host/designer-host.ts'
import type { FindText } from './text.ts'

/** Node-RED's own keys for its sidebars (keymap.json of @node-red/editor-client), for panels of the same use. */
const PANEL_KEYS: Readonly<Record<string, readonly string[]>> = {
  activity: ['Ctrl+G A'],
  debug: ['Ctrl+G D'],
  outline: ['Ctrl+G I'],
  versions: ['Ctrl+G V'],
  context: ['Ctrl+G X'],
  help: ['Ctrl+G H'],
  problems: ['Ctrl+G P'],
}

export function pageActions({
  host,
  text,
  panels,
  setColors,
  mayCode,
}: {
  host: DesignerHost
  text: FindText
  panels: readonly SidePanel[]
  setColors: (colors: 'light' | 'dark') => void
  mayCode: boolean
}): Action[] {
  const { actions, words } = text
  const isDark = () => document.documentElement.dataset.mantineColorScheme === 'dark'
  return [
    // the search has an action of its own
    ...panels
      .filter(({ id }) => id !== 'search')
      .map(
        ({ id, title, icon }): Action => ({
          id: `view.panel.${id}`,
          title: actions.panel(title),
          group: 'view',
          icon,
          words: words.panel,
          isEverywhere: true,
          ...(PANEL_KEYS[id] && { keys: PANEL_KEYS[id] }),
          run: () => host.page?.openPanel(id),
        }),
      ),
    { id: 'view.light', title: actions.light, group: 'view', icon: Sun, isShown: isDark, run: () => setColors('light') },
    { id: 'view.dark', title: actions.dark, group: 'view', icon: Moon, isShown: () => !isDark(), run: () => setColors('dark') },
    {
      id: 'help.stockEditor',
      title: actions.stockEditor,
      group: 'help',
      icon: ExternalLink,
      isInMenu: true,
      isShown: () => mayCode,
      run: () => open('/red/', '_blank', 'noopener'),
    },
    {
      id: 'help.shortcuts',
      title: actions.shortcuts,
      group: 'help',
      icon: Keyboard,
      keys: ['?'],
      isEverywhere: true,
      isInMenu: true,
      words: words.shortcuts,
      run: () => host.page?.showShortcuts(),
    },
  ]
}

export function menuActions({ host, text, openPalette }: { host: DesignerHost; text: FindText; openPalette: (isCommandsOnly: boolean) => void }): Action[] {
  const { actions } = text
  return [
    {
      id: 'find.anything',
      title: actions.findAnything,
      group: 'navigate',
      icon: Search,
      keys: ['Ctrl+K'],
      isEverywhere: true,
      isInFields: true,
      isUnlisted: true,
      run: () => openPalette(false),
    },
    {
      id: 'find.commands',
      title: actions.commands,
      group: 'help',
      icon: Menu,
      keys: ['Ctrl+Shift+P', 'F1'],
      isEverywhere: true,
      isInFields: true,
      isUnlisted: true,
      isInMenu: true,
      run: () => openPalette(true),
    },
    {
      id: 'find.menu',
      title: actions.menu,
      group: 'navigate',
      keys: ['ContextMenu', 'Shift+F10'],
      isUnlisted: true,
      run: () => askMenuByKey(host),
    },
  ]
}

/** The menu for what is selected, at its place; without a selection for the canvas, in the middle. */
function askMenuByKey(host: DesignerHost): void {
  const { canvas, workspace } = host
  if (!canvas) return
  // some systems tell the browser's own menu after the key: that one would be for whatever the pointer is over
  const swallow = (event: MouseEvent) => {
    event.preventDefault()
    event.stopPropagation()
  }
  addEventListener('contextmenu', swallow, { capture: true })
  setTimeout(() => removeEventListener('contextmenu', swallow, { capture: true }), 600)
  canvas.view.measurePlace()
  const [id] = workspace.selection
  const [wire] = workspace.selectedWires
  const view = id === undefined ? undefined : canvas.area.views.get(id)
  const group = canvas.scene.groups.find((one) => one.id === id)
  if (id !== undefined && view) {
    canvas.askMenu({ on: 'node', id }, canvas.view.toWindow({ x: view.box.x - view.box.width / 2, y: view.box.y + view.box.height / 2 }))
  } else if (id !== undefined && group) canvas.askMenu({ on: 'group', id }, canvas.view.toWindow({ x: group.x, y: group.y }))
  else if (wire !== undefined) canvas.askMenu({ on: 'wire', id: wire }, canvas.view.toWindow(canvas.view.middle))
  else canvas.askMenu({ on: 'nothing' }, canvas.view.toWindow(canvas.view.middle))
}
