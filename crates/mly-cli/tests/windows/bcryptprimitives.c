/* Stands in for the library of the same name, which Windows has and wine 8 has not. The standard library of Rust takes
 * random numbers from it. For tests only: scripts/windows builds it into the folder of wine. */

#include <windows.h>

/* RtlGenRandom of advapi32. */
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    return SystemFunction036(bytes, (ULONG)count);
}
