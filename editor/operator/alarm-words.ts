/** An alarm as two sentences: what happened, and what to do. */
export function alarmInWords({ text, whatToDo }: { text: string; whatToDo: string }): string {
  const said = text.trim()
  return `${/[.!?]$/.test(said) ? said : `${said}.`} ${whatToDo}`.trim()
}
