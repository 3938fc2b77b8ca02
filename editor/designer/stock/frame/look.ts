/** The frame's looks: the designer's tokens put under the stock editor's names, in light and dark, and only the dialog seen. */

const TOKENS: Record<string, string> = {
  'primary-font': 'var(--cw-font)',
  'monospace-font': 'var(--cw-mono)',
  'primary-background': 'var(--cw-surface)',
  'secondary-background': 'var(--cw-surface)',
  'secondary-background-selected': 'var(--cw-pressed)',
  'secondary-background-inactive': 'var(--cw-sunken)',
  'secondary-background-hover': 'var(--cw-hover)',
  'secondary-background-disabled': 'var(--cw-sunken)',
  'tertiary-background': 'var(--cw-sunken)',
  'primary-text-color': 'var(--cw-ink)',
  'secondary-text-color': 'var(--cw-ink-2)',
  'secondary-text-color-focus': 'var(--cw-ink)',
  'secondary-text-color-hover': 'var(--cw-ink)',
  'secondary-text-color-active': 'var(--cw-ink)',
  'secondary-text-color-selected': 'var(--cw-ink)',
  'secondary-text-color-inactive': 'var(--cw-ink-2)',
  'secondary-text-color-disabled': 'var(--cw-ink-3)',
  'tertiary-text-color': 'var(--cw-ink-2)',
  'header-text-color': 'var(--cw-ink)',
  'text-color-error': 'var(--cw-state-alarm-ink)',
  'text-color-warning': 'var(--cw-state-warning-ink)',
  'text-color-success': 'var(--cw-state-good-ink)',
  'text-color-code': 'var(--cw-ink)',
  'text-color-link': 'var(--cw-accent)',
  'primary-border-color': 'var(--cw-line)',
  'secondary-border-color': 'var(--cw-line)',
  'tertiary-border-color': 'var(--cw-line)',
  'border-color-error': 'var(--cw-state-alarm)',
  'border-color-warning': 'var(--cw-state-warning)',
  'form-background': 'var(--cw-surface)',
  'form-placeholder-color': 'var(--cw-ink-3)',
  'form-text-color': 'var(--cw-ink)',
  'form-text-color-disabled': 'var(--cw-ink-3)',
  'form-input-focus-color': 'var(--cw-focus)',
  'form-input-border-color': 'var(--cw-line-strong)',
  'form-input-border-selected-color': 'var(--cw-ink-2)',
  'form-input-border-error-color': 'var(--cw-state-alarm)',
  'form-input-background': 'var(--cw-raised)',
  'form-input-background-disabled': 'var(--cw-sunken)',
  'form-button-background': 'var(--cw-hover)',
  'form-tips-background': 'var(--cw-state-normal-soft)',
  'list-item-color': 'var(--cw-ink)',
  'list-item-secondary-color': 'var(--cw-ink-2)',
  'list-item-background': 'var(--cw-surface)',
  'list-item-background-disabled': 'var(--cw-sunken)',
  'list-item-background-hover': 'var(--cw-hover)',
  'list-item-background-selected': 'var(--cw-accent-soft)',
  'list-item-border-selected': 'var(--cw-accent)',
  'tab-text-color-active': 'var(--cw-ink)',
  'tab-text-color-inactive': 'var(--cw-ink-2)',
  'tab-background': 'var(--cw-surface)',
  'tab-background-active': 'var(--cw-surface)',
  'tab-background-selected': 'var(--cw-pressed)',
  'tab-background-inactive': 'var(--cw-sunken)',
  'tab-background-hover': 'var(--cw-hover)',
  'scrollbar-handle-background': 'var(--cw-line-strong)',
  'workspace-button-background': 'var(--cw-surface)',
  'workspace-button-background-hover': 'var(--cw-hover)',
  'workspace-button-background-active': 'var(--cw-pressed)',
  'workspace-button-background-selected': 'var(--cw-accent)',
  'workspace-button-border-selected': 'var(--cw-accent)',
  'workspace-button-color': 'var(--cw-ink)',
  'workspace-button-color-disabled': 'var(--cw-ink-3)',
  'workspace-button-color-focus': 'var(--cw-ink)',
  'workspace-button-color-hover': 'var(--cw-ink)',
  'workspace-button-color-active': 'var(--cw-ink)',
  'workspace-button-color-selected': 'var(--cw-accent-ink)',
  'workspace-button-color-primary': 'var(--cw-accent-ink)',
  'workspace-button-background-primary': 'var(--cw-accent)',
  'workspace-button-background-primary-hover': 'var(--cw-accent-hover)',
  'workspace-button-color-focus-outline': 'var(--cw-focus)',
  'shade-color': 'var(--cw-scrim)',
  'popover-background': 'var(--cw-raised)',
  'popover-border': 'var(--cw-line-strong)',
  'popover-color': 'var(--cw-ink)',
  'popover-button-border-color': 'var(--cw-line-strong)',
  menuBackground: 'var(--cw-raised)',
  menuDivider: 'var(--cw-line)',
  menuColor: 'var(--cw-ink)',
  menuActiveColor: 'var(--cw-ink)',
  menuActiveBackground: 'var(--cw-hover)',
  menuDisabledColor: 'var(--cw-ink-3)',
  menuHoverColor: 'var(--cw-ink)',
  menuHoverBackground: 'var(--cw-hover)',
  'spinner-color': 'var(--cw-ink-3)',
  'icons-flow-color': 'var(--cw-ink-2)',
  'clipboard-textarea-background': 'var(--cw-sunken)',
  'diff-text-header-background': 'var(--cw-sunken)',
}

/**
 * `display: none` for what is not the dialog; its canvas only loses its visibility, since a tray is as wide as the room beside it.
 * The button that removes the node is the canvas's own business; help stands in the panel.
 */
const LAYOUT = `
html, body { background: var(--cw-surface); overflow: hidden; }
#red-ui-header, #red-ui-sidebar-container, #red-ui-sidebar-left, .red-ui-sidebar-shade, #red-ui-header-shade,
#red-ui-loading-progress { display: none !important; }
#red-ui-workspace, #red-ui-workspace * { visibility: hidden !important; }
#red-ui-workspace { position: absolute; inset: 0; }
#red-ui-main-container { position: absolute !important; inset: 0 !important; top: 0 !important; }
#red-ui-editor-stack { position: absolute !important; inset: 0 !important; left: 100% !important; right: 0 !important; }
.red-ui-tray { width: 100vw !important; max-width: 100vw !important; margin: 0 !important; top: 0 !important; bottom: 0 !important; border: 0 !important; box-shadow: none !important; left: auto !important; transition: none !important; }
.red-ui-tray-resize-handle, .red-ui-tray-footer-left > button:has(> .fa-book), .red-ui-tray-footer-left > button:has(> .fa-user) { display: none !important; }
.red-ui-tray-wrapper { border: 0 !important; border-radius: 0 !important; }
/* the panel around has the first form's name and buttons; those of forms that are opened from it stay. Not \`none\`: its height is measured */
.red-ui-tray:not(:has(.red-ui-tray-breadcrumbs li + li)) .red-ui-tray-header {
  height: 0 !important; min-height: 0 !important; padding: 0 !important; border: 0 !important; overflow: hidden; visibility: hidden;
}
.red-ui-tray-body { min-width: 0 !important; }
.red-ui-tray .red-ui-tray-header { background: var(--cw-surface); }
.red-ui-tray-toolbar .ui-button { min-height: 32px; border-radius: var(--cw-radius-small); }
:focus-visible { outline: 2px solid var(--cw-focus); outline-offset: 1px; }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { transition: none !important; animation: none !important; } }
html.cw-read-only .red-ui-tray-body-wrapper { pointer-events: none; }
html.cw-read-only .red-ui-tray-toolbar .primary, html.cw-read-only .red-ui-tray-toolbar .leftButton { display: none; }
`

/** Dresses the frame and keeps it as light or dark as the page. @returns what ends that */
export function dress(frame: Document): () => void {
  const style = frame.createElement('style')
  const mapped = Object.entries(TOKENS).map(([name, value]) => `--red-ui-${name}: ${value};`)
  // twice `:root`: its own dark theme is a class of the root
  style.textContent = `${tokenRules()}\n:root:root:root { ${mapped.join(' ')} }\n${LAYOUT}`
  frame.head.append(style)
  const page = document.documentElement
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => {
    const chosen = page.getAttribute('data-mantine-color-scheme')
    const isDark = chosen === 'dark' || (chosen !== 'light' && dark.matches)
    frame.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
    frame.documentElement.classList.toggle('nr-theme-dark', isDark)
    const { monaco } = (frame.defaultView ?? {}) as { monaco?: { editor: { setTheme(name: string): void } } }
    monaco?.editor.setTheme(isDark ? 'vs-dark' : 'vs')
  }
  follow()
  const observer = new MutationObserver(follow)
  observer.observe(page, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
  dark.addEventListener('change', follow)
  // it has a choice of its own, which is light, and takes it up when its settings are read
  const own = new MutationObserver(() => {
    const isDark = frame.documentElement.getAttribute('data-mantine-color-scheme') === 'dark'
    if (frame.documentElement.classList.contains('nr-theme-dark') !== isDark) follow()
  })
  own.observe(frame.documentElement, { attributes: true, attributeFilter: ['class'] })
  return () => {
    observer.disconnect()
    own.disconnect()
    dark.removeEventListener('change', follow)
  }
}

/** Our tokens and fonts as this page has them. */
function tokenRules(): string {
  const rules: string[] = []
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (rule instanceof CSSFontFaceRule) rules.push(rule.cssText)
      else if (rule instanceof CSSStyleRule && rule.selectorText.startsWith(':root') && /--cw-|color-scheme/.test(rule.cssText)) rules.push(rule.cssText)
    }
  }
  return rules.join('\n')
}
