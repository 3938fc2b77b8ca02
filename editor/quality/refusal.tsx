/** What the server refused, or why something cannot be shown. */
export function Refusal({ children }: { children: string | undefined }) {
  if (!children) return null
  return (
    <p className="quality-problem" role="alert">
      {children}
    </p>
  )
}
