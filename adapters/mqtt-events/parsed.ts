/** What is in a message: JSON where it is JSON, else the text. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // plain text is as good a message
    return text
  }
}
