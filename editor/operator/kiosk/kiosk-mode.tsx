/** What a kiosk's browser does by itself: the screen is full (and stays on, see awake.ts), and no link leads away. */
import { notifications } from '@mantine/notifications'
import { type MouseEvent, useEffect, useState } from 'react'
import { post } from '../../shared/api.ts'
import { Back } from '../arrange/dialogs.tsx'
import { useArrangeText } from '../arrange/words.ts'
import { OperatorDialog } from '../operator-dialog.tsx'

/** A browser lets a page fill the screen after a touch only; one that was started in kiosk mode fills it already. */
export function useFullScreen(isWanted: boolean): void {
  useEffect(() => {
    if (!isWanted) return
    const fill = () => {
      const isFull = document.fullscreenElement !== null || (innerHeight >= screen.height && innerWidth >= screen.width)
      // one that forbids it stays as it is
      if (!isFull) document.documentElement.requestFullscreen?.().catch(() => undefined)
    }
    addEventListener('pointerup', fill)
    return () => removeEventListener('pointerup', fill)
  }, [isWanted])
}

/** For the page's root: links lead nowhere; that to the sign-in page is answered here. */
export function useNoWayOut(isWanted: boolean, onSignIn: () => void): { onClickCapture?: (event: MouseEvent) => void } {
  const text = useArrangeText().kiosk
  if (!isWanted) return {}
  return {
    onClickCapture(event) {
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null
      if (!link || link.getAttribute('href')?.startsWith('#')) return
      event.preventDefault()
      event.stopPropagation()
      if (link.getAttribute('href')?.startsWith('/sign-in')) onSignIn()
      else notifications.show({ message: text.noWayOut, autoClose: 6_000 })
    },
  }
}

/** Name and password without leaving the panel: a kiosk has no way back from another page. */
export function PasswordDialog({ onSignedIn, onClose }: { onSignedIn: () => void; onClose: () => void }) {
  const text = useArrangeText().kiosk
  const [userName, setUserName] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState<string>()
  const enter = () => {
    setProblem(undefined)
    post('/api/auth/sign-in/username', { username: userName.trim(), password }).then(onSignedIn, (error: Error) => setProblem(error.message))
  }
  return (
    <OperatorDialog title={text.signIn} onClose={onClose}>
      <form
        className="op-person"
        onSubmit={(event) => {
          event.preventDefault()
          enter()
        }}
      >
        <label className="op-ask-comment">
          {text.userName}
          <input
            value={userName}
            autoComplete="off"
            autoCapitalize="none"
            onChange={(event) => setUserName(event.currentTarget.value)}
            data-testid="kiosk-user"
          />
        </label>
        <label className="op-ask-comment">
          {text.password}
          <input
            type="password"
            value={password}
            autoComplete="off"
            onChange={(event) => setPassword(event.currentTarget.value)}
            data-testid="kiosk-password"
          />
        </label>
        {problem && (
          <p className="op-problem" role="alert">
            {problem}
          </p>
        )}
        <footer>
          <Back onClose={onClose} />
          <button type="submit" className="op-dialog-press" disabled={!userName.trim() || !password} data-testid="kiosk-enter">
            {text.enter}
          </button>
        </footer>
      </form>
    </OperatorDialog>
  )
}
