/** Sends an image file to this machine's server; gives its number. */
export async function sendImage(file: File): Promise<number> {
  const answer = await fetch("/upload", {
    method: "POST",
    headers: {
      "Content-Type": "application/octet-stream",
      "X-Name": encodeURIComponent(file.name),
    },
    body: file,
  });
  const said = (await answer.json()) as { upload?: number; error?: string };
  if (said.upload === undefined) throw new Error(said.error ?? `${file.name} was refused.`);
  return said.upload;
}
