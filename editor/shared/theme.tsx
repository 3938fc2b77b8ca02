/** Puts a page on the screen: Mantine bound to our tokens, notifications, and the last resort when a page breaks. */
import '@fontsource-variable/inter'
import './base.css'
import { Button, createTheme, localStorageColorSchemeManager, MantineProvider, mergeThemeOverrides } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { Component, type ErrorInfo, type ReactNode, StrictMode, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { keepServiceWorker } from './installed.ts'
import { common as de } from './text/de/common.ts'
import { common as en } from './text/en/common.ts'
import { catalogue } from './text/index.ts'

/** The texts of the frame and the words all pages use. */
export const useCommonText = catalogue(en, de)

// The values are in base.css and tokens.css: Mantine only has to know the name of our accent.
const IRIS = ['#f4f2fd', '#edeafa', '#d9d3f5', '#bdb2f7', '#a99cf2', '#8878db', '#6f5fcb', '#5b4bb8', '#4c3da3', '#43358f'] as const
const MODAL = { centered: true, transitionProps: { duration: 120 } }
const theme = createTheme({
  colors: { iris: IRIS },
  primaryColor: 'iris',
  primaryShade: { light: 7, dark: 4 },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false, events: { hover: true, focus: true, touch: false } } },
  },
})
const colors = localStorageColorSchemeManager({ key: 'cellwright-colors' })

/** Renders a page into the document. Call once, from the page's `main.tsx`. */
export function mountPage(page: ReactNode): void {
  const element = document.getElementById('page')
  if (!element) throw new Error('The document has no #page')
  createRoot(element).render(
    <StrictMode>
      <PageTheme>
        <LastResort>{page}</LastResort>
      </PageTheme>
    </StrictMode>,
  )
  keepServiceWorker()
}

function PageTheme({ children }: { children: ReactNode }) {
  const { close } = useCommonText()
  // a cross alone has no name
  const named = useMemo(() => {
    const defaultProps = { closeButtonProps: { 'aria-label': close } }
    return mergeThemeOverrides(theme, {
      components: { Modal: { defaultProps: { ...MODAL, ...defaultProps } }, Drawer: { defaultProps }, Notification: { defaultProps } },
    })
  }, [close])
  return (
    <MantineProvider theme={named} colorSchemeManager={colors} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Notifications position="bottom-center" limit={4} autoClose={6000} />
      {children}
    </MantineProvider>
  )
}

/** A bug in a page must not leave a white screen. */
class LastResort extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError() {
    return { hasFailed: true }
  }
  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error(error, info.componentStack)
  }
  override render() {
    return this.state.hasFailed ? <Broken /> : this.props.children
  }
}

function Broken() {
  const text = useCommonText()
  return (
    <main className="cw-centre" role="alert">
      <p>{text.unexpected}</p>
      <Button onClick={() => location.reload()}>{text.reload}</Button>
    </main>
  )
}
