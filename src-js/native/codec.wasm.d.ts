/** Bytes of the module as base64, by the build. */
declare const text: string
export default text
