/** Stands where something has not come yet, or could not be read and can be asked for again. */
import { Button } from '@mantine/core'

interface NotReadProps {
  /** Why it could not be read; undefined: it has not come yet. */
  error: string | undefined
  onAgain: () => void
  /** `problem` stands before what the server said. */
  words: { problem?: string; again: string }
}

export function NotRead({ error, onAgain, words: { problem, again } }: NotReadProps) {
  if (error === undefined) return <div className="settings-skeleton" aria-hidden />
  return (
    <div className="settings-card" role="alert">
      <p className="settings-problem">{problem === undefined ? error : `${problem} ${error}`}</p>
      <Button variant="default" onClick={onAgain}>
        {again}
      </Button>
    </div>
  )
}
