/** Stands where something has not come yet, or could not be read. */
import { Button } from '@mantine/core'
import { useShopText } from './words.ts'

export function NotRead({ error, onAgain }: { error: string | undefined; onAgain: () => void }) {
  const text = useShopText()
  if (error === undefined) return <div className="settings-skeleton" aria-hidden />
  return (
    <div className="settings-card" role="alert">
      <p className="settings-problem">
        {text.problem} {error}
      </p>
      <Button variant="default" onClick={onAgain}>
        {text.again}
      </Button>
    </div>
  )
}
